"""`msgen check`: validate a description, and compare its repository with it and its contracts with a revision's."""

from dataclasses import dataclass
from pathlib import Path

from msgen.commands import reconcile
from msgen.commands.apply import Done, diff
from msgen.commands.well_formed import flaws
from msgen.contracts.changes import Breakage
from msgen.core.errors import UserError, user_error
from msgen.core.paths import DESCRIPTION
from msgen.description.source_map import read_bytes
from msgen.description.yaml_reader import parse
from msgen.merging import baseline
from msgen.packs.external import named_packs
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.exposure import exposed
from msgen.planning.plan import Plan


@dataclass(frozen=True)
class Checked:
    """A valid description, and what is wrong with its repository."""

    file: Path
    services: int
    drift: Done | None = None
    """Pending changes; None if the repository matches, or if there is none."""
    in_step: bool = False
    warnings: tuple[str, ...] = ()
    breakages: tuple[Breakage, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.drift and all(breakage.warning for breakage in self.breakages)


def check(path: Path | None, against: str = "") -> Checked:
    """Check a description and its repository, and compare the contracts with those of a revision.

    A description outside a repository is only validated; without a path, the current repository is checked. Raises
    `UserError` with every problem of the description, or of generated files that the user has edited.
    """
    if path is None and not Path(DESCRIPTION).exists():
        path = reconcile.find_root(Path.cwd())
    path = path or Path()
    file = path / DESCRIPTION if path.is_dir() else path
    if file.name == DESCRIPTION and baseline.files(file.parent):
        return _repository(file, against)
    if against:
        raise user_error("--against compares the contracts of a repository", "run it in one", file)
    plan = _plan(file)
    return Checked(file, len(plan.services), warnings=tuple(exposed(plan)))


def _repository(file: Path, against: str) -> Checked:
    done = diff(file.parent)
    broken: tuple[Breakage, ...] = ()
    if against:
        from msgen.commands.contracts import breakages

        broken = breakages(done.pending.root, against, done.pending.changes)
    plan = done.pending.plan
    count = len(plan.services) if plan else 0
    if not done.pending.in_step or done.notes:
        return Checked(file, count, done, breakages=broken)
    if problems := list(flaws(done.pending.changes)):
        raise UserError(*problems)
    return Checked(file, count, None, True, tuple(exposed(plan)) if plan else (), broken)


def _plan(file: Path) -> Plan:
    from msgen.description.loader import describe

    source = parse(read_bytes(file), str(file))
    pack = load_pack(builtin_root(), external=named_packs(source, file.parent))
    return make_plan(describe(source, pack.vocabulary))
