"""Syntax of edited YAML and JSON files; merges of branches can damage it without a conflict."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from msgen.core.errors import Problem, quoted
from msgen.description.yaml_reader import c_loader
from msgen.merging.change import Change

COMMENT = re.compile(r"^\s*/[/*]", re.MULTILINE)
"""A comment in JSON, which some tools allow."""
HINT = "correct the file, or delete it and run `msgen apply`"


def flaws(changes: tuple[Change, ...]) -> Iterator[Problem]:
    """Yield a problem for each edited file that is not valid YAML or JSON."""
    for change in changes:
        disk = change.before
        generated = not disk or any(base.content == disk.content for base in change.bases)
        if disk and not disk.odd and change.bases and not generated:
            kind = change.path.rpartition(".")[2]
            text = disk.content.decode("utf-8", "replace")
            check = {"yaml": _yaml, "yml": _yaml, "json": _json}.get(kind)
            yield from check(change.path, text) if check else ()


def _yaml(path: str, text: str) -> Iterator[Problem]:
    try:
        waiting: list[Any] = list(yaml.compose_all(text, c_loader()))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        yield Problem(*place, f"invalid YAML: {error.problem}", HINT, path, code="damaged-file")
        return
    except RecursionError:
        yield Problem(0, 0, "invalid YAML: it is nested too deeply", HINT, path, code="damaged-file")
        return
    visited: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in visited:  # of an alias, which may even lead back to its anchor
            continue
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            waiting += (value for _, value in node.value)
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen:
                    place = (key.start_mark.line + 1, key.start_mark.column + 1)
                    yield Problem(*place, f"{quoted(key.value)} is a duplicate key", HINT, path, code="damaged-file")
                seen.add(key.value)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _json(path: str, text: str) -> Iterator[Problem]:
    if COMMENT.search(text):
        return
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> None:
        repeated.extend(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)

    try:
        json.loads(text.removeprefix("\ufeff"), object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        yield Problem(error.lineno, error.colno, f"invalid JSON: {error.msg}", HINT, path, code="damaged-file")
    except RecursionError:
        yield Problem(0, 0, "invalid JSON: it is nested too deeply", HINT, path, code="damaged-file")
    yield from (Problem(0, 0, f"{quoted(key)} is a duplicate key", HINT, path, code="damaged-file") for key in repeated)
