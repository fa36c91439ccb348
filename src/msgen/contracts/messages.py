"""Compare the schemas of messages."""

from collections.abc import Iterator
from typing import Any

from msgen.contracts.changes import IN_FLIGHT, UNREADABLE, Breakage, described
from msgen.contracts.schemas import Comparison


def compare_messages(file: str, before: Any, after: Any) -> Iterator[Breakage]:
    """Yield what breaks receivers: old ones that read new messages, and new ones that read messages in flight.

    `after` is empty if the message no longer exists.
    """
    if not after:
        yield Breakage(file, "", "message-removed", "the message was removed")
        return
    read = [*Comparison(after, before, response=True).gaps(after, before)]
    yield from described(read, "message-field", UNREADABLE, file)
    known = {gap.where for gap in read if gap.kind != "enum"}
    in_flight = [gap for gap in Comparison(before, after, response=False).gaps(before, after) if gap.where not in known]
    yield from described(in_flight, "message-field", IN_FLIGHT, file)
