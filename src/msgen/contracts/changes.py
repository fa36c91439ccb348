"""Breaking changes, and the words for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgen.contracts.schemas import Gap


@dataclass(frozen=True)
class Breakage:
    """A change that breaks a reader or a sender."""

    file: str
    where: str
    """Operation, such as `GET /orders`; empty for messages."""
    code: str
    message: str
    consumers: tuple[str, ...] = ()
    warning: bool = False
    """Whether only some readers break: those that know a closed list of values."""


REFUSED = {
    "type": "no longer accepts {sent}",
    "null": "no longer accepts null",
    "required": "is now required",
    "removed": "was removed",
    "enum": "no longer accepts {sent}",
    "bound": "is limited to {accepted}; before: {sent}",
    "pattern": "must match another pattern",
    "format": "must have the format {accepted}; before: {sent}",
    "default": "has another default: {accepted}; before: {sent}",
}
UNREADABLE = {
    "type": "can now be of type {sent}; before: {accepted}",
    "null": "can now be null",
    "required": "is no longer always present",
    "removed": "was removed",
    "enum": "can now be {sent}",
    "bound": "is no longer limited to {accepted}; now: {sent}",
    "pattern": "has another pattern",
    "format": "no longer has the format {accepted}; now: {sent}",
}
IN_FLIGHT = {**REFUSED, "required": "is now required, and messages in flight lack it"}


def described(
    gaps: Iterable[Gap], side: str, words: dict[str, str], file: str, where: str = "", subject: str = ""
) -> Iterator[Breakage]:
    """Describe gaps of a schema, each once. `side` begins the code."""
    for gap in dict.fromkeys(gaps):
        place, _, part = side.partition("-")
        name = subject or (f"{place} {part} '{gap.where}'" if gap.where else f"the {place}")
        text = words[gap.kind].format(sent=gap.sent, accepted=gap.accepted)
        tolerant = gap.kind == "enum" and words is UNREADABLE
        yield Breakage(file, where, f"{side}-{gap.kind}", f"{name} {text}", warning=tolerant)
