"""Files as the output of operations."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import StreamingResponse

CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
"""Documents, for OpenAPI, that a route answers with a file."""


@dataclass(frozen=True)
class File:
    """A file to download."""

    name: str
    content: bytes | AsyncIterator[bytes]
    """An iterator is read after the transaction has ended: it cannot use the session."""
    media_type: str = "application/octet-stream"

    def response(self) -> Response:
        quoted = quote(self.name, safe="")
        name = f'filename="{self.name}"' if quoted == self.name else f"filename*=UTF-8''{quoted}"
        headers = {
            "Content-Disposition": f"attachment; {name}",
            "X-Content-Type-Options": "nosniff",
        }
        if isinstance(self.content, bytes):
            return Response(self.content, headers=headers, media_type=self.media_type)
        return StreamingResponse(self.content, headers=headers, media_type=self.media_type)
