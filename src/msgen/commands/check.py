"""`msgen check`: validate a description and compare its repository with it."""

from dataclasses import dataclass
from pathlib import Path

from msgen.commands import reconcile
from msgen.commands.apply import Done, diff
from msgen.commands.well_formed import flaws
from msgen.core.errors import UserError
from msgen.core.paths import DESCRIPTION
from msgen.description.source_map import read_bytes
from msgen.description.yaml_reader import parse
from msgen.merging import baseline
from msgen.packs.external import named_packs
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.exposure import exposed


@dataclass(frozen=True)
class Confirmation:
    """A valid description, and a repository that matches it."""

    text: str
    warnings: tuple[str, ...]


def check(path: Path | None) -> Done | Confirmation:
    """Return the pending changes, or a confirmation if there are none.

    A description outside a repository is only validated; without a path, the current repository is checked. Raises
    `UserError` with every problem of the description, or of generated files that the user has edited.
    """
    if path is None and not Path(DESCRIPTION).exists():
        path = reconcile.find_root(Path.cwd())
    path = path or Path()
    file = path / DESCRIPTION if path.is_dir() else path
    if file.name == DESCRIPTION and baseline.files(file.parent):
        done = diff(file.parent)
        if not done.pending.in_step or done.notes:
            return done
        if problems := list(flaws(done.pending.changes)):
            raise UserError(*problems)
        plan, more = done.pending.plan, ", in step"
    else:
        from msgen.description.loader import describe

        source = parse(read_bytes(file), str(file))
        pack = load_pack(builtin_root(), external=named_packs(source, file.parent))
        plan, more = make_plan(describe(source, pack.vocabulary)), ""
    count = len(plan.services) if plan else 0
    text = f"{file}: ok, {count} service{'s' * (count != 1)}{more}"
    return Confirmation(text, tuple(f"warning: {warning}" for warning in exposed(plan)) if plan else ())
