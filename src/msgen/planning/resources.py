"""Resources and changes of their tables."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.description.access import PROFILE_OWNER
from msgen.planning.access import Access, Expectation
from msgen.planning.constraints import Constraint
from msgen.planning.fields import Field
from msgen.planning.messages import Event
from msgen.planning.samples import samples


@dataclass(frozen=True)
class Resource:
    name: Name
    service: Name
    path: str
    """Path of the collection in the service and at the gateway: `/orders`."""
    fields: tuple[Field, ...]
    events: tuple[Event, ...]
    """Events that its changes publish, at most one per action."""
    created_with: tuple[Field, ...]
    """Fields at creation of the table; `Service.changes` lead from these to `fields`."""
    access: Access | None = None
    """None in a system without accounts."""
    rules: tuple[Name, ...] = ()
    """Changes that the team's own code checks: `create`, `update`, `delete`."""
    constraints: tuple[Constraint, ...] = ()
    constrained_with: tuple[Constraint, ...] = ()
    """Constraints at creation of the table."""

    @property
    def owner(self) -> Field | None:
        """The field with the id of the account that owns a row; that of a profile is not among `fields`."""
        if self.owner_is_id:
            return Field(Name("id"), "uuid", owner=True)
        return next((f for f in self.fields if f.owner), None)

    @property
    def owner_is_id(self) -> bool:
        """Whether a row is the profile of an account, with its id."""
        return bool(self.access and self.access.owner == PROFILE_OWNER)

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        return self.access.expectations if self.access else ()

    @property
    def writable(self) -> tuple[Field, ...]:
        """Fields that a client sends."""
        return tuple(f for f in self.fields if not f.owner)

    @property
    def samples(self) -> tuple[Field, ...]:
        """Fields that a client sends, with the bounds and ranks of their values in tests."""
        return samples(self.writable, self.constraints)

    @property
    def settable_samples(self) -> tuple[Field, ...]:
        """Samples of the fields that every creator may set."""
        names = {f.name for f in self.settable}
        return tuple(f for f in self.samples if f.name in names)

    @property
    def settable(self) -> tuple[Field, ...]:
        """Fields that every creator may set: required ones, and others that neither refer to a row nor are limited."""
        return tuple(f for f in self.writable if f.required or not (f.write or f.reference))

    @property
    def references(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.reference)

    @property
    def remote_references(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.reference and f.reference.remote)

    @property
    def unique_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.unique)

    @property
    def unique_lists(self) -> tuple[Constraint, ...]:
        return tuple(c for c in self.constraints if c.kind == "unique")

    @property
    def checks(self) -> tuple[Constraint, ...]:
        return tuple(c for c in self.constraints if c.kind == "check")

    @property
    def violable(self) -> tuple[Constraint, ...]:
        """Checks that fail for the swapped values of two fields."""
        made = {f.name: f for f in self.samples}
        pairs = ((c, made[c.fields[0]], made[c.fields[1]]) for c in self.checks)
        declared = {f.name: (f.type, f.min, f.max) for f in self.fields}
        return tuple(c for c, a, b in pairs if declared[a.name] == declared[b.name] and a.rank != b.rank)

    def related(self, names: Iterable[str]) -> tuple[Field, ...]:
        """Return fields that a client sends: these, and those that checks compare with them."""
        found = set(names)
        while more := {f for c in self.checks for f in c.fields if found & {*c.fields}} - found:
            found |= more
        return tuple(f for f in self.writable if f.name in found)


@dataclass(frozen=True)
class ResourceChange:
    """A change of a resource after its creation: one migration."""

    name: Name
    """Twelve hexadecimal digits; the creation of a resource has `("create " ~ resource)|digest`."""
    resource: Name
    after: tuple[Name, ...]
    """Preceding changes; several if branches were merged."""
    number: Name
    """Number from `001` upwards, higher than those of the preceding changes."""
    creates: bool
    """Whether a dropped resource is created again, with the added fields."""
    drops: bool
    """Whether the resource is dropped."""
    added: tuple[Field, ...]
    removed: tuple[Field, ...]
    renamed: tuple[tuple[Field, Field], ...]
    """Old field and the same with its new name; neither is among the removed and the added ones."""
    changed: tuple[tuple[Field, Field], ...]
    """Old and new field; they differ in type, optionality, ownership, uniqueness, index or reference."""
    constrained: tuple[Constraint, ...] = ()
    """Added constraints."""
    released: tuple[Constraint, ...] = ()
    """Removed constraints."""
