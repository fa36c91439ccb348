"""What a team adds to a Node.js service as its README says survives changes of the description, and works."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .conftest import generate
from .test_node import check_node, node_tools

__all__ = ["node_tools"]

DESCRIPTION = {
    "msgen": 1,
    "name": "made",
    "defaults": {"language": "node", "database": "postgres"},
    "services": {"orders": {"resources": {"order": {"total": "decimal"}}}},
}
CHANGED = {
    **DESCRIPTION,
    "observability": {"metrics": "prometheus", "traces": "jaeger"},
    "services": {
        "users": {"resources": {"user": {"name": "string"}}},
        "orders": {
            "calls": ["users"],
            "publishes": ["order.created"],
            "resources": {"order": {"total": "decimal", "note": "string?"}},
        },
    },
}

GREETING = """\
import { background } from "#chassis/background.ts";
import { createRouter, route } from "#chassis/route.ts";
import { notes } from "./schema/note.ts";
import { settings } from "./settings.ts";

export const router = createRouter();

route(
  router,
  { method: "get", path: "/greeting", id: "greet", summary: "Greet", tag: "greeting" },
  async ({ app }, response) => {
    await app.database.insert(notes).values({ text: settings().GREETING });
    response.json({ greeting: settings().GREETING, notes: await app.database.$count(notes) });
  },
);

export const cleanUp = () => background("clean-up", 60_000, async () => undefined);
"""
NOTE = """\
import { integer, pgTable, text } from "drizzle-orm/pg-core";

export const notes = pgTable("notes", {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  text: text().notNull(),
});
"""
TEST = """\
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApp } from "#chassis/testing/app.ts";

const { app, url } = await startApp();

test("greets and notes it", async () => {
  const response = await fetch(`${url}/greeting`, { headers: {} });
  assert.deepEqual(await response.json(), { greeting: "hello", notes: 1 });
  assert.ok(app.lifespans.some(({ name }) => name === "clean-up"));
});
"""


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


def run(folder: Path, *command: str, **options: Any) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_additions_of_a_team_survive_and_work(tmp_path: Path, node_tools: Any) -> None:
    root = generate(DESCRIPTION, tmp_path)
    service = root / "services/orders"
    (service / "src/greeting.ts").write_text(GREETING)
    (service / "src/schema/note.ts").write_text(NOTE)
    (service / "test/greeting.test.ts").write_text(TEST)
    edit(
        service / "src/main.ts",
        ("routers: []", "routers: [router]"),
        ("lifespans: []", "lifespans: [cleanUp]"),
        ("import { settings }", 'import { cleanUp, router } from "./greeting.ts";\nimport { settings }'),
    )
    edit(
        service / "src/settings.ts",
        ("extend({})", 'extend({\n  GREETING: z.string().default("hello"),\n})'),
        ("import {", 'import { z } from "zod";\nimport {'),
    )
    edit(service / "package.json", ('"express":', '"express-rate-limit": "^8.0.0",\n    "express":'))
    (service / "node_modules").symlink_to(node_tools.modules)
    run(service, "npm", "run", "--silent", "migration", "--", "add-notes", env=node_tools.environment)
    [migration] = service.glob("migrations/*_add-notes.sql")
    edit(migration, ("-- Down Migration\n", '-- Down Migration\nDROP TABLE "notes";\n'))
    (service / "node_modules").unlink()
    mine = {name: (service / name).read_bytes() for name in ("src/main.ts", "src/settings.ts", "src/schema/note.ts")}

    (root / "msgen.yaml").write_text(json.dumps(CHANGED, indent=2))
    run(root, sys.executable, "-m", "msgen", "apply")

    assert {name: (service / name).read_bytes() for name in mine} == mine
    assert '"express-rate-limit"' in (service / "package.json").read_text()
    assert '"prom-client"' in (service / "package.json").read_text()
    check_node(root, node_tools)
