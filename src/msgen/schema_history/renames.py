"""Fields and resources that are there under another name."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgen.core.errors import quoted, user_error
from msgen.planning.resources import ResourceChange
from msgen.planning.service import Service
from msgen.schema_history.step import Fields, Step, state_of


@dataclass(frozen=True)
class Rename:
    """A field with another name, whose column keeps its values."""

    resource: str
    """Service and resource: `orders.order`."""
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.old}={self.new}"

    @classmethod
    def parse(cls, text: str) -> "Rename":
        """Parse `orders.order.total=amount`. Raises `UserError`."""
        if found := re.fullmatch(r"([^.=]+\.[^.=]+)\.([^.=]+)=([^.=]+)", text):
            return cls(*found.groups())
        raise user_error(f"--renamed: {quoted(text)} is no field", "write it as in --renamed orders.order.total=amount")


def possible(service: Service, change: ResourceChange) -> Iterator[Rename]:
    """Yield the pairs of a removed and an added field that may be the same."""
    for old in () if change.drops or change.creates else change.removed:
        for new in change.added:
            if (old.type, old.reference) == (new.type, new.reference):
                yield Rename(f"{service.name}.{change.resource}", str(old.name), str(new.name))


def with_renames(
    resource: str, before: Fields, changed: dict[str, dict[str, Any] | None], renamed: Collection[Rename]
) -> dict[str, dict[str, Any] | None]:
    """Record in changed fields of a step which of them continue a removed one."""
    for rename in renamed:
        spec = changed.get(rename.new)
        gone = rename.old in before and rename.old in changed and changed[rename.old] is None
        if rename.resource == resource and spec and gone and rename.new not in before:
            changed = {**changed, rename.new: {**spec, "renamed_from": rename.old}}
    return changed


def check_applied(renamed: Collection[Rename], new: Mapping[str, Sequence[Step]]) -> None:
    """Raise `UserError` for a rename that no new step of a service contains."""
    found = {
        Rename(f"{service}.{step.resource}", spec["renamed_from"], name)
        for service, steps in new.items()
        for step in steps
        for name, spec in step.fields.items()
        if spec and "renamed_from" in spec
    }
    for rename in renamed:
        if rename not in found:
            raise user_error(
                f"--renamed: {rename.resource} does not lose {quoted(rename.old)} and get {quoted(rename.new)}",
                "rename the field in msgen.yaml first",
            )


def renamed_resources(service: Service, known: Sequence[Step], new: Sequence[Step]) -> Iterator[str]:
    """Describe resources that are created with the fields of a dropped one."""
    for step in new:
        for gone in new if not step.after else ():
            if gone.dropped and (state_of(gone.resource, known) or {}).keys() == step.fields.keys():
                yield (
                    f"{service.name}.{step.resource} has the fields of {gone.resource} and starts empty: to keep the "
                    f"rows, rename the table in place of these two migrations"
                )
