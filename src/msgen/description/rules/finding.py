"""What a rule finds."""

from dataclasses import dataclass

from msgen.description.source_map import Where


@dataclass(frozen=True)
class Finding:
    where: Where
    message: str
    hint: str
    key: bool = False
    """Whether it is the key at `where` that is wrong, not what is written under it."""
    relies: tuple[Where, ...] = ()
    """Places (`*` is any key) that must be sound for the finding to be true: `calls: [users]` is only dangling if
    `users` is not one of the services whose name could not be read."""
