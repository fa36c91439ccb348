"""`msgen check`: whether a description is valid."""

from pathlib import Path

from msgen.packs import builtin_root, load_pack
from msgen.plan import make_plan


def check(path: Path) -> str:
    """Raises `UserError` with everything that is wrong with a description."""
    from msgen.load import load

    file = path / "msgen.yaml" if path.is_dir() else path
    plan = make_plan(load(file, load_pack(builtin_root()).languages))
    count = len(plan.services)
    return f"{file}: ok, {count} service{'s' * (count != 1)}"
