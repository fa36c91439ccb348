"""`msgen templates`: list, eject and compare templates."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgen.commands import overrides, reconcile
from msgen.commands.apply import Done, carry_out
from msgen.commands.reconcile import Pending
from msgen.core.errors import quoted, user_error
from msgen.core.paths import DESCRIPTION
from msgen.core.suggestions import one_of
from msgen.merging import baseline
from msgen.merging.change import Change
from msgen.merging.text import is_text
from msgen.packs.pack import Pack, layer_files
from msgen.packs.table_checks import TABLE
from msgen.planning.builder import make_plan
from msgen.rendering.generator import generate
from msgen.repository import worktree

LIST = "`msgen templates list` shows all templates"


def listed(start: Path) -> Iterator[tuple[str, str, str]]:
    """Yield path, origin and output path of each template."""
    root = reconcile.find_root(start)
    pack = reconcile.own_pack(root)
    replaced = set(overrides.overriding(pack))
    remembered = baseline.read_snapshot(root, overrides.BASES)
    makes = dict(overrides.sources(pack))
    for path in sorted({*makes, *replaced}):
        origin = "built-in"
        if path in replaced:
            bases = {base.content for base in remembered.get(path, ())}
            changed = bases and (pack.root / path).read_bytes() not in bases
            origin = "override; the built-in template has changed" if changed else "override"
        elif source := next((folder for folder in pack.external if (folder / path).is_file()), None):
            origin = f"from {reconcile.label(source)}"
        elif not (pack.root / path).is_file():
            origin = "repository"
        yield path, origin, makes.get(path, "")
    for path in overrides.unused(pack):
        yield path, "unused", ""


def eject(start: Path, wanted: Sequence[str]) -> Done:
    """Copy built-in templates into the repository; a generated file selects its template."""
    with reconcile.opened(start) as (root, note):
        pack = reconcile.own_pack(root)
        paths = list(dict.fromkeys(path for name in wanted for path in _find(root, start, pack, name)))
        places = worktree.look(root, [f"{overrides.FOLDER}/{path}" for path in paths])
        changes = []
        for path, (place, there) in zip(paths, places.items(), strict=True):
            if there:
                raise user_error(f"{place} already exists", "run `msgen templates diff` to compare it")
            content = (pack.root / path).read_bytes()
            changes.append(Change(place, "created", "", None, worktree.Disk(content)))
        records = overrides.remember(root, pack, paths)
        return carry_out(Pending(root, None, tuple(changes), records), note)


def differences(start: Path) -> Iterator[Change]:
    """Compare the repository's templates with the built-in ones that they override."""
    root = reconcile.find_root(start)
    pack = reconcile.own_pack(root)
    for path in overrides.overriding(pack):
        before = worktree.Disk((pack.root / path).read_bytes())
        after = worktree.Disk((root / overrides.FOLDER / path).read_bytes())
        if before != after and is_text(before.content):
            yield Change(f"{overrides.FOLDER}/{path}", "updated", "", before, after)


def _find(root: Path, start: Path, pack: Pack, name: str) -> list[str]:
    """Resolve a name to templates: a template, a folder of templates, or a generated file."""
    given = os.path.relpath(start.absolute() / name, root)
    name = name.removeprefix("./").removeprefix(f"{overrides.FOLDER}/").rstrip("/")
    known = _builtin(pack)
    if name in known:
        return [name]
    if inside := [path for path in known if path.startswith(f"{name}/")]:
        return inside
    from msgen.description.loader import load

    tree = generate(make_plan(load(root / DESCRIPTION, pack.vocabulary)), pack)
    for path in (given, name):
        if path in tree and tree[path].template in known:
            return [tree[path].template]
    here = os.path.relpath(start.absolute(), root)
    candidates = [*known, *tree] if here == "." else [path for path in tree if path.startswith(f"{here}/")]
    raise user_error(f"there is no built-in template {quoted(name)}", one_of(given, candidates, LIST))


def _builtin(pack: Pack) -> list[str]:
    """Return all files of the built-in pack that a repository can override."""
    return [path for path in layer_files(pack.root) if Path(path).name != TABLE and not path.startswith("starters/")]
