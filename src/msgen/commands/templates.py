"""`msgen templates`: what there is, what the repository replaces, and how these differ."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgen import disk, overrides, snapshots, sync
from msgen.commands.apply import Done, carry_out
from msgen.errors import quoted, user_error
from msgen.generate import generate
from msgen.hints import one_of
from msgen.lines import is_text
from msgen.merge import Change
from msgen.pack_tables import TABLE
from msgen.packs import Pack, layer_files
from msgen.planning import make_plan
from msgen.sync import DESCRIPTION, Pending

LIST = "`msgen templates list` shows what there is"


def listed(start: Path) -> Iterator[tuple[str, str, str]]:
    """Each template: its path, where it comes from, and what it makes."""
    root = sync.find_root(start)
    pack = sync.own_pack(root)
    replaced = set(overrides.overriding(pack))
    remembered = snapshots.read_snapshot(root, overrides.BASES)
    makes = dict(overrides.sources(pack))
    for path in sorted({*makes, *replaced}):
        origin = "built-in"
        if path in replaced:
            bases = {base.content for base in remembered.get(path, ())}
            changed = bases and (pack.root / path).read_bytes() not in bases
            origin = "yours; the built-in one has changed since" if changed else "yours"
        elif not (pack.root / path).is_file():
            origin = "your own"
        yield path, origin, makes.get(path, "")
    for path in overrides.unused(pack):
        yield path, "not used", ""


def eject(start: Path, wanted: Sequence[str]) -> Done:
    """Copies built-in templates to where they can be edited; a generated file stands for what makes it."""
    with sync.opened(start) as (root, note):
        pack = sync.own_pack(root)
        paths = list(dict.fromkeys(path for name in wanted for path in _find(root, start, pack, name)))
        places = disk.look(root, [f"{overrides.FOLDER}/{path}" for path in paths])
        changes = []
        for path, (place, there) in zip(paths, places.items(), strict=True):
            if there:
                raise user_error(f"{place} is there already", "`msgen templates diff` shows how it differs")
            content = (pack.root / path).read_bytes()
            changes.append(Change(place, "created", "", None, disk.Disk(content)))
        records = overrides.remember(root, pack, paths)
        return carry_out(Pending(root, None, tuple(changes), records), note)


def differences(start: Path) -> Iterator[Change]:
    """How the repository's templates differ from the built-in ones that they replace."""
    root = sync.find_root(start)
    pack = sync.own_pack(root)
    for path in overrides.overriding(pack):
        before = disk.Disk((pack.root / path).read_bytes())
        after = disk.Disk((root / overrides.FOLDER / path).read_bytes())
        if before != after and is_text(before.content):
            yield Change(f"{overrides.FOLDER}/{path}", "updated", "", before, after)


def _find(root: Path, pack: Pack, name: str) -> list[str]:
    """The templates that a name stands for: a template, a folder of them, or a generated file."""
    name = name.removeprefix("./").removeprefix(f"{overrides.FOLDER}/").rstrip("/")
    known = _builtin(pack)
    if name in known:
        return [name]
    if inside := [path for path in known if path.startswith(f"{name}/")]:
        return inside
    from msgen.load import load

    tree = generate(make_plan(load(root / DESCRIPTION, pack.languages)), pack)
    if name in tree and tree[name].template in known:
        return [tree[name].template]
    raise user_error(f"there is no built-in template {quoted(name)}", one_of(name, [*known, *tree], LIST))


def _builtin(pack: Pack) -> list[str]:
    """All files of the built-in pack that a repository can replace."""
    return [path for path in layer_files(pack.root) if Path(path).name != TABLE and not path.startswith("starters/")]
