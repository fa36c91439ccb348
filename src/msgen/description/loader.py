"""Load a description and report every problem of the file at once."""

from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from msgen.core.errors import Problem, UserError
from msgen.description import validation_messages
from msgen.description.model import Description
from msgen.description.rules import Finding, check
from msgen.description.short_forms import expand
from msgen.description.source_map import MOST_PROBLEMS, Source, Where, read_bytes
from msgen.description.vocabulary import Vocabulary
from msgen.description.yaml_reader import parse

CODES = {"missing": "missing-key", "extra_forbidden": "unknown-key"}
"""Codes of pydantic's types of errors; `invalid-value` of all others."""
PLACEHOLDERS = {"msgen": 1, "name": "unnamed"}


def load(path: str | Path, vocabulary: Vocabulary) -> Description:
    """Read and validate a file. Raises `UserError` with every problem, with location and suggested fix."""
    file = Path(path)
    return describe(parse(read_bytes(file), str(file)), vocabulary)


def describe(source: Source, vocabulary: Vocabulary) -> Description:
    """Validate a parsed source. Raises `UserError` with every problem."""
    if not isinstance(source.data, dict):
        raise UserError(*source.problems, source.problem((), *validation_messages.no_mapping(source.data)))
    source = expand(source)
    empty = [source.problem(where, *validation_messages.empty(where), code="empty-value") for where in source.empty]
    description, damage, shape = _shape(source)
    findings: list[Problem] = []
    if description:
        sound = (f for f in check(description, vocabulary) if not any(_depends(f, where) for where in damage))
        findings = [
            source.problem(f.where, f.message, f.hint, key=f.key, code=f.code) for f in islice(sound, MOST_PROBLEMS + 1)
        ]
    problems = _reported([*source.problems, *empty], shape, findings)
    if problems or description is None:
        raise UserError(*problems)
    return description


def _reported(*stages: Iterable[Problem]) -> list[Problem]:
    """Merge the problems of all stages in file order; the first stage that fails at a location wins."""
    found: set[Problem] = set()
    for stage in stages:
        places = {(problem.line, problem.column) for problem in found}
        found |= {problem for problem in stage if (problem.line, problem.column) not in places}
    shown = sorted(found)[:MOST_PROBLEMS]
    if len(found) > len(shown):
        shown.append(Problem(0, 0, "there are more problems", "fix these first", shown[0].file))
    return shown


def _shape(source: Source) -> tuple[Description | None, list[Where], list[Problem]]:
    """Validate the shape; return the description without invalid parts, the locations of these, and the problems.

    A misspelled key must not hide the dangling reference ten lines below it.
    """
    try:
        return Description.model_validate(source.data), [], []
    except ValidationError as error:
        errors = list(_placed(source, error))
    meant = {_damage(source.data, found, where) for found, where, _ in errors if found["type"] == "extra_forbidden"}
    errors = [e for e in errors if e[0]["type"] != "missing" or e[0]["loc"] not in meant]
    first = errors[: MOST_PROBLEMS + 1]
    problems = [
        source.problem(
            where,
            *validation_messages.explain(found, where, source.text(where)),
            key=key,
            code=CODES.get(found["type"], "invalid-value"),
        )
        for found, where, key in first
    ]
    damage = [found for e, where, _ in errors if (found := _damage(source.data, e, where))]
    try:
        return Description.model_validate(_sound(source.data, errors)), damage, problems
    except ValidationError:
        return None, [], problems


def _placed(source: Source, error: ValidationError) -> Iterator[tuple[Any, Where, bool]]:
    """Yield each error with its location in the source, and whether the key is at fault."""
    for found in error.errors(include_url=False):
        if found["type"] == "too_short" and found["input"]:
            continue  # its entries are invalid, and these are reported
        where: Where = ()
        for part in found["loc"]:
            if (*where, part) not in source.keys and (*where, part) not in source.values:
                break
            where = (*where, part)
        yield found, where, found["loc"][-1:] == ("[key]",) or found["type"] == "extra_forbidden"


def _damage(data: Any, error: Any, where: Where) -> Where:
    """Return the location that the user probably meant and whose value is lost; empty if none is."""
    if error["type"] == "missing":
        return ()
    if error["type"] == "extra_forbidden":
        holder = data
        for part in where[:-1]:
            holder = holder[part]
        meant = validation_messages.likely_key(where, holder)
        return (*where[:-1], meant) if meant else ()
    if error["loc"][-1] == "[key]":
        return (*where[:-1], validation_messages.respelt(error["input"], error.get("ctx", {}).get("pattern", "")))
    return where


def _sound(data: Any, errors: Iterable[tuple[Any, Where, bool]]) -> Any:
    """Copy without the invalid parts; drop lists as a whole, so that positions of items stay valid."""
    wrong = {tuple(takewhile(lambda part: not isinstance(part, int), where)) for _, where, _ in errors if where}

    def copy(part: Any, where: Where) -> Any:
        if isinstance(part, dict):
            return {k: copy(v, (*where, k)) for k, v in part.items() if (*where, k) not in wrong}
        return part

    return {**PLACEHOLDERS, **copy(data, ())}


def _depends(finding: Finding, damage: Where) -> bool:
    """Return whether a finding depends on the value that is missing at a location."""
    return any(all(p in ("*", d) for p, d in zip(part, damage, strict=False)) for part in finding.relies)
