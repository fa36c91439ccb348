"""Descriptions of the systems whose services the chassis is tested in."""

from pathlib import Path
from typing import Any

import yaml

IDENTITY = {"issuer": "https://sso.example.com/realms/acme", "roles_claim": "realm_access.roles"}


def description(folder: Path, suite: str, discovery: str) -> dict[str, Any]:
    """Return the description in a folder; the suite `provider` has a provider in place of accounts."""
    system = {**yaml.load((folder / "system.yaml").read_text("utf-8"), yaml.CSafeLoader), "discovery": discovery}
    if suite == "provider":
        del system["services"]["accounts"]
        system["identity"] = IDENTITY
    return system
