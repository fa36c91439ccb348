"""`Description` in, findings out: each rule relates several locations of a description."""

from collections.abc import Iterator
from dataclasses import replace

from msgen.description.model import Description
from msgen.description.rules import (
    access,
    constraints,
    fields,
    jobs,
    lists,
    messages,
    names,
    network,
    operations,
    scale,
    services,
    settings,
)
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.vocabulary import Vocabulary

RULES = (
    *names.RULES,
    *fields.RULES,
    *constraints.RULES,
    *lists.RULES,
    *access.RULES,
    *services.RULES,
    *messages.RULES,
    *network.RULES,
    *operations.RULES,
    *scale.RULES,
    *settings.RULES,
    *jobs.RULES,
)


def check(description: Description, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield all findings; a description without findings can be planned and rendered."""
    system = System(description, vocabulary)
    for rule in RULES:
        code = f"rule-{rule.__module__.rpartition('.')[2]}"
        yield from (replace(finding, code=code) for finding in rule(system))


__all__ = ["Finding", "check"]
