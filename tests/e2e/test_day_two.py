"""A shop that has lived: edited by hand, grown, shrunk and with a template of its own, it still does its job."""

import subprocess
import sys
from pathlib import Path

from .conftest import System, running

EDITS = {
    "services/orders/chassis/problems.py": "# Ours: orders\n",
    "services/users/Makefile": "# Ours: users\n",
    "services/auth/chassis/problems.ts": "// Ours: auth\n",
    "gateway/envoy.yaml": "# Ours: gateway\n",
    "compose.yaml": "# Ours: compose\n",
}


def msgen(system: System, *arguments: str) -> None:
    command = [sys.executable, "-m", "msgen", *arguments]
    done = subprocess.run(command, cwd=system.root, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_shop_lives_on(tmp_path: Path) -> None:
    with running("day-two", tmp_path, "shop", "--defaults") as system:
        for path, line in EDITS.items():
            file = system.root / path
            file.write_text(line + file.read_text())
        msgen(system, "add-service", "catalog", "--resource", "product", "--publishes", "product.created")
        msgen(system, "add-service", "reviews", "--language", "node", "--resource", "review", "--calls", "catalog")
        msgen(system, "add-service", "billing", "--resource", "invoice")
        msgen(system, "remove-service", "billing")
        msgen(system, "templates", "eject", "services/orders/Dockerfile")
        (template,) = (system.root / "templates").rglob("Dockerfile*")
        template.write_text(template.read_text() + "\nLABEL com.example.team=shop\n")
        msgen(system, "apply")
        msgen(system, "upgrade")
        msgen(system, "check")

        for path, line in EDITS.items():
            assert (system.root / path).read_text().startswith(line)
        assert not (system.root / "services/billing").exists()
        assert " passed" in system.run("make", "system-test", timeout=1200)
        label = '{{ index .Config.Labels "com.example.team" }}'
        assert system.run("docker", "image", "inspect", "--format", label, "shop-orders").strip() == "shop"
