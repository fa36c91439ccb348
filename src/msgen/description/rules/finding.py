"""A violated rule."""

from dataclasses import dataclass

from msgen.description.source_map import Where


@dataclass(frozen=True)
class Finding:
    where: Where
    message: str
    hint: str
    key: bool = False
    """Whether the key at `where` is at fault rather than its value."""
    relies: tuple[Where, ...] = ()
    """Locations that must be valid for the finding to hold; `*` is any key. `calls: [users]` is dangling only if no
    service has an invalid name, since that service could be `users`."""
    code: str = ""
    """Kind of the finding: its module of rules."""
