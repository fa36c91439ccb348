"""Settings, jobs and egress in a repository that its team has edited: added, renamed, removed."""

from pathlib import Path

import pytest

from tests.conftest import Msgen

from .conftest import actions, commit, edit

DESCRIPTION = """\
msgen: 1
name: shop
services:
  orders:
    resources: {order: {total: decimal}}
  stock:
    language: node
    resources: {article: {name: string}}
"""
OWN = {
    "services/orders/app/settings.py": ("Fields without", "Our fields without"),
    "services/stock/src/settings.ts": ("extend({})", 'extend({ OWN: z.string().default("") })'),
    "services/orders/chassis/settings.py": ("Settings of the generated parts", "Settings of the parts"),
    "compose.yaml": ("# The system in containers", "# Our system in containers"),
}
"""Edits of a team: file -> old and new text."""


@pytest.fixture
def shop(msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.yaml").write_text(DESCRIPTION)
    made = msgen("new", "--description", "shop.yaml")
    assert made.code == 0, made.err
    root = tmp_path / "shop"
    monkeypatch.chdir(root)
    for path, (old, new) in OWN.items():
        edit(root / path, old, new)
    commit(root)
    return root


def apply(msgen: Msgen, shop: Path, old: str, new: str) -> dict[str, str]:
    """Edit the description of both services, apply it, and return what happened to files."""
    path = shop / "msgen.yaml"
    path.write_text(path.read_text().replace(old, new))
    applied = msgen("apply")
    assert applied.code == 0, applied.out + applied.err
    for file, (_, text) in OWN.items():
        assert text in (shop / file).read_text()
    commit(shop)
    return actions(applied)


def test_settings(shop: Path, msgen: Msgen) -> None:
    readers = ["services/orders/chassis/settings.py", "services/stock/chassis/settings.ts", "compose.yaml"]
    readers += [".env.example", "scripts/make-env", "services/stock/README.md"]
    own = {"services/orders/app/settings.py", "services/stock/src/settings.ts"}

    def mentions(name: str) -> list[bool]:
        return [name.lower() in (shop / file).read_text().lower() for file in readers]

    added = apply(msgen, shop, "    resources: {", "    settings: {stripe_key: {secret: true}}\n    resources: {")
    assert own.isdisjoint(added)
    assert all(mentions("stripe_key"))
    renamed = apply(msgen, shop, "stripe_key", "payment_key")
    assert own.isdisjoint(renamed)
    assert all(mentions("payment_key"))
    assert not any(mentions("stripe_key"))
    removed = apply(msgen, shop, "    settings: {payment_key: {secret: true}}\n", "")
    assert own.isdisjoint(removed)
    assert not any(mentions("payment_key"))
