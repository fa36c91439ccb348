"""Ports of this machine for the ports of containers: free, and the same at each start of a checkout."""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

FIRST, LAST, STEP = 20000, 32000, 100
"""Below the ports that systems give to outgoing connections."""

Port = tuple[str, int]
"""Container and its port."""


class Ports:
    """Local ports of a checkout, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._local: dict[str, dict[str, int]] = json.loads(file.read_text()) if file.exists() else {}

    def assign(self, needed: Sequence[Port], published: Mapping[Port, int]) -> list[str]:
        """Choose a free port for each; return notes on published ports that are taken."""
        notes, used = [], set()
        others = self._others()
        for name, inside in needed:
            key, wanted = f"{name}:{inside}", published.get((name, inside), 0)
            kept = self._local.get(key, {})
            choices = [kept["port"]] if kept and kept["wanted"] == wanted else []
            choices += [wanted] if wanted else []
            local = next((p for p in choices if p not in used and is_free(p)), 0)
            if not local:
                local = next(port for port in others if port not in used and is_free(port))
                if choices:
                    notes.append(f"port {choices[0]} is taken by {holder(choices[0])}; {name} listens on {local}")
            used.add(local)
            self._local[key] = {"port": local, "wanted": wanted}
        self._file.write_text(json.dumps(self._local, indent=1))
        return notes

    def local(self, name: str, inside: int) -> int | None:
        entry = self._local.get(f"{name}:{inside}")
        return entry["port"] if entry else None

    def _others(self) -> Iterator[int]:
        kept = {entry["port"] for entry in self._local.values()}
        place = int(sha256(str(self._file).encode()).hexdigest(), 16) % ((LAST - FIRST) // STEP)
        start = FIRST + place * STEP
        return (port for port in [*range(start, LAST), *range(FIRST, start)] if port not in kept)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Name the process that listens on a port, as far as this user may see it."""
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another process"
