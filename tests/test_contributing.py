"""CONTRIBUTING.md points at files that exist."""

import re

from .conftest import ROOT

PATH = re.compile(r"`((?:src|templates|tests|docs|examples|benchmarks|tools|scripts)/[^`]*)`")


def test_every_path_exists() -> None:
    paths = PATH.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []
