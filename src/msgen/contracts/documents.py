"""Read the contracts of a system: OpenAPI documents, messages, and who uses them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from msgen.core.errors import user_error
from msgen.core.paths import DESCRIPTION

FOLDER = "contracts"
APIS = f"{FOLDER}/openapi"
MESSAGES = f"{FOLDER}/messages"
ASYNCAPI = f"{FOLDER}/asyncapi.yaml"
PATHS = (FOLDER, DESCRIPTION)
"""What `Contracts.read` reads."""


@dataclass(frozen=True)
class Contracts:
    apis: Mapping[str, Any]
    """OpenAPI documents by path."""
    messages: Mapping[str, Any]
    """JSON Schemas of messages by path."""
    senders: Mapping[str, tuple[str, ...]]
    receivers: Mapping[str, tuple[str, ...]]
    """Services by the message that they send or receive."""
    callers: Mapping[str, tuple[str, ...]]
    """Services by the service that they call."""

    @classmethod
    def read(cls, files: Mapping[str, bytes], revision: str = "") -> "Contracts":
        """Parse files of a repository. Raises `UserError` if one is not valid YAML or JSON."""
        parsed = {path: _parse(path, content, revision) for path, content in files.items() if _is_read(path)}
        operations = dict(_operations(parsed.get(ASYNCAPI)))
        return cls(
            {path: data for path, data in parsed.items() if path.startswith(f"{APIS}/")},
            {path: data for path, data in parsed.items() if path.startswith(f"{MESSAGES}/")},
            _grouped(operations.get("send", ())),
            _grouped(operations.get("receive", ())),
            _grouped(_calls(parsed.get(DESCRIPTION))),
        )


def name_of(path: str) -> str:
    """Return the service or message that a contract is about."""
    return PurePosixPath(path).stem


def _is_read(path: str) -> bool:
    folder = path.rpartition("/")[0]
    return path in (ASYNCAPI, DESCRIPTION) or folder in (APIS, MESSAGES)


def _parse(path: str, content: bytes, revision: str) -> Any:
    from msgen.description.yaml_reader import c_loader

    try:
        data = json.loads(content) if path.endswith(".json") else yaml.load(content, c_loader())  # noqa: S506 - safe
    except (yaml.YAMLError, ValueError) as error:
        where = f"{revision}:{path}" if revision else path
        raise user_error(
            f"invalid {'JSON' if path.endswith('.json') else 'YAML'}: {error}", "correct it", where
        ) from None
    return data if isinstance(data, dict) else {}


def _operations(asyncapi: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield pairs of a message and its service for each action of an AsyncAPI document."""
    operations = (asyncapi or {}).get("operations") or {}
    for action in ("send", "receive"):
        parts = [name.partition(f".{action}.") for name in operations]
        yield action, [(message, service) for service, _, message in parts if message]


def _calls(description: Any) -> Iterator[tuple[str, str]]:
    """Yield pairs of a called service and its caller."""
    services = (description or {}).get("services") or {}
    for caller, spec in services.items():
        calls = spec.get("calls") if isinstance(spec, dict) else None
        for called in [calls] if isinstance(calls, str) else calls or ():
            yield str(called), str(caller)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in pairs:
        found[key] = (*found.get(key, ()), value)
    return found
