"""`Description` in, findings out: each rule relates several locations of a description."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgen.description.model import Description
from msgen.description.rules import fields, messages, names, network, scale, services
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System

RULES = (*names.RULES, *fields.RULES, *services.RULES, *messages.RULES, *network.RULES, *scale.RULES)


def check(description: Description, languages: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield all findings; a description without findings can be planned and rendered."""
    system = System(description, languages)
    for rule in RULES:
        yield from rule(system)


__all__ = ["Finding", "check"]
