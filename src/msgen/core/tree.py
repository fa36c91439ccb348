"""Generated files in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class File:
    content: bytes
    mode: int = 0o644
    once: bool = False
    """Written only if it is missing; afterwards it belongs to the user."""
    owner: str = ""
    """Name of the service it belongs to; empty for files of the system."""
    template: str = field(default="", compare=False)
    """Template that it was rendered from, relative to the pack."""


Tree = Mapping[str, File]
"""Files by path; paths are relative and use slashes."""
