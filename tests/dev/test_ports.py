import os
import socket
from pathlib import Path

from msgen.dev.ports import Ports, is_free

WEB, STORE = ("web", 80), ("store", 5432)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_ports_stay_the_same(tmp_path: Path) -> None:
    wanted = free_port()
    first, second = Ports(tmp_path / "ports.json"), Ports(tmp_path / "ports.json")
    assert first.assign([WEB, STORE], {WEB: wanted}) == []
    second = Ports(tmp_path / "ports.json")
    assert second.assign([STORE, WEB], {WEB: wanted}) == []
    assert second.local(*WEB) == first.local(*WEB) == wanted
    assert second.local(*STORE) == first.local(*STORE) != wanted
    assert second.local("other", 80) is None


def test_taken_port_is_named_with_its_holder(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        wanted = server.getsockname()[1]
        ports = Ports(tmp_path / "ports.json")
        [note] = ports.assign([WEB], {WEB: wanted})
        assert not is_free(wanted)
    chosen = ports.local(*WEB)
    assert f"(process {os.getpid()})" in note
    assert note.startswith(f"port {wanted} is taken by ")
    assert note.endswith(f"; web listens on {chosen}")
    # Another start keeps the choice, so that two checkouts do not swap their ports.
    assert Ports(tmp_path / "ports.json").assign([WEB], {WEB: wanted}) == []
    assert ports.local(*WEB) == chosen


def test_checkouts_have_different_ports(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        ports = Ports(tmp_path / f"{name}.json")
        ports.assign([WEB, STORE], {})
        found += [ports.local(*WEB), ports.local(*STORE)]
    assert len(set(found)) == 4
