from pathlib import Path

import pytest

from msgen.core.errors import UserError
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.plan import Plan
from msgen.rendering import workers
from msgen.rendering.renderer import render
from tests.rendering.test_renderer import made, plan, problem

__all__ = ["plan"]


def divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MIN_SERVICES", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def test_several_processes_render_the_same(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = load_pack(builtin_root())
    expected = render(plan, pack)
    divided(monkeypatch)
    assert render(plan, pack) == expected


def test_an_error_in_another_process_is_located(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    divided(monkeypatch)
    table = "layers: [{from: f, each: service, into: '{{ service.name }}'}]"
    with pytest.raises(UserError) as error:
        made(plan, tmp_path, table, f__f_j2="1\n{{ nothing }}\n")
    assert problem(error, tmp_path)[:2] == ("f/f.j2", 2)


def test_two_services_cannot_make_one_file(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    divided(monkeypatch)
    with pytest.raises(UserError, match="g is made more than once"):
        made(plan, tmp_path, "layers: [{from: f, each: service, into: .}]", f__g="")
