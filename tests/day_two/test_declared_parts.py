"""Settings and jobs in a repository that its team has edited: added, renamed, removed."""

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


def test_jobs(shop: Path, msgen: Msgen) -> None:
    own = {
        name: [f"services/orders/app/jobs/{name}.py", f"services/stock/src/jobs/{name}.ts"]
        for name in ("tidy", "sweep")
    }
    apply(msgen, shop, "    resources: {", '    jobs: {tidy: "0 3 * * *"}\n    resources: {')
    for path in own["tidy"]:
        edit(shop / path, "scheduled", "scheduled_at")
    commit(shop)
    edited = [(shop / path).read_text() for path in own["tidy"]]
    changed = apply(msgen, shop, 'tidy: "0 3 * * *"', "tidy: {cron: 0 4 * * *, timeout: 1h}")
    assert set(own["tidy"]).isdisjoint(changed)
    renamed = apply(msgen, shop, "tidy: {", "sweep: {")
    assert {renamed[path] for path in own["sweep"]} == {"created"}
    removed = apply(msgen, shop, "    jobs: {sweep: {cron: 0 4 * * *, timeout: 1h}}\n", "")
    assert [(shop / path).read_text() for path in own["tidy"]] == edited
    assert not any((shop / path).exists() for path in own["sweep"])
    assert "services/orders/chassis/jobs.py" in removed
    assert (shop / "services/orders/migrations/versions/create_schedule.py").exists()


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
