"""A description's file -> `model.Description`, with every problem of the file reported at once."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from msgen.core.errors import Problem, UserError
from msgen.description import validation_messages
from msgen.description.model import Description
from msgen.description.rules import Finding, check
from msgen.description.source_map import MOST_PROBLEMS, Source, Where, read_bytes
from msgen.description.yaml_reader import parse

Languages = Mapping[str, Mapping[str, Any]]
"""What a pack says of its languages: name -> {reserved: {kind of name: [names]}}."""

PLACEHOLDERS = {"msgen": 1, "name": "unnamed"}


def load(path: str | Path, languages: Languages) -> Description:
    """Reads and checks a file. Raises UserError with every problem, each with its place and cure."""
    file = Path(path)
    return describe(parse(read_bytes(file), str(file)), languages)


def describe(source: Source, languages: Languages) -> Description:
    """The checked description that a source holds. Raises UserError with every problem."""
    if not isinstance(source.data, dict):
        raise UserError(*source.problems, source.problem((), *validation_messages.no_mapping(source.data)))
    empty = [source.problem(where, *validation_messages.empty(where)) for where in source.empty]
    description, damage, shape = _shape(source)
    findings: list[Problem] = []
    if description:
        sound = (f for f in check(description, languages) if not any(_depends(f, where) for where in damage))
        findings = [source.problem(f.where, f.message, f.hint, key=f.key) for f in islice(sound, MOST_PROBLEMS + 1)]
    problems = _reported([*source.problems, *empty], shape, findings)
    if problems or description is None:
        raise UserError(*problems)
    return description


def _reported(*stages: Iterable[Problem]) -> list[Problem]:
    """What to tell, in the order of the file: a later stage adds nothing to a place where an earlier one failed."""
    found: set[Problem] = set()
    for stage in stages:
        places = {(problem.line, problem.column) for problem in found}
        found |= {problem for problem in stage if (problem.line, problem.column) not in places}
    told = sorted(found)[:MOST_PROBLEMS]
    if len(found) > len(told):
        told.append(Problem(0, 0, "there are more problems than these", "mend these first", told[0].file))
    return told


def _shape(source: Source) -> tuple[Description | None, list[Where], list[Problem]]:
    """The description without parts of a wrong shape, where these should have been, and what is wrong with them.

    So a misspelt key does not hide the dangling reference ten lines below it.
    """
    try:
        return Description.model_validate(source.data), [], []
    except ValidationError as error:
        errors = list(_placed(source, error))
    meant = {_damage(source.data, found, where) for found, where, _ in errors if found["type"] == "extra_forbidden"}
    errors = [e for e in errors if e[0]["type"] != "missing" or e[0]["loc"] not in meant]
    first = errors[: MOST_PROBLEMS + 1]
    problems = [
        source.problem(where, *validation_messages.explain(found, where, source.text(where)), key=key)
        for found, where, key in first
    ]
    damage = [found for e, where, _ in errors if (found := _damage(source.data, e, where))]
    try:
        return Description.model_validate(_sound(source.data, errors)), damage, problems
    except ValidationError:
        return None, [], problems


def _placed(source: Source, error: ValidationError) -> Iterator[tuple[Any, Where, bool]]:
    """Each error with its place in the source, and whether the key is what is wrong."""
    for found in error.errors(include_url=False):
        if found["type"] == "too_short" and found["input"]:
            continue  # nothing is left of it but errors, and these are told
        where: Where = ()
        for part in found["loc"]:
            if (*where, part) not in source.keys and (*where, part) not in source.values:
                break
            where = (*where, part)
        yield found, where, found["loc"][-1:] == ("[key]",) or found["type"] == "extra_forbidden"


def _damage(data: Any, error: Any, where: Where) -> Where:
    """The place that the user probably meant, of which nothing is known; empty where nothing is lost."""
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
    """A copy without the wrong parts; a list goes as a whole, so that the places of its items stay what they are."""
    wrong = {where[:-1] if isinstance(where[-1], int) else where for _, where, _ in errors if where}

    def copy(part: Any, where: Where) -> Any:
        if isinstance(part, dict):
            return {k: copy(v, (*where, k)) for k, v in part.items() if (*where, k) not in wrong}
        return part

    return {**PLACEHOLDERS, **copy(data, ())}


def _depends(finding: Finding, damage: Where) -> bool:
    """Whether a finding rests on what should have been at a place."""
    return any(all(p in ("*", d) for p, d in zip(part, damage, strict=False)) for part in finding.relies)
