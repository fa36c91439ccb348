"""Fields that hold lists of values."""

from collections.abc import Iterator

from msgen.core.errors import quoted
from msgen.description.field_model import NEVER_LISTED, MessageField
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.source_map import Where

NOT_OF_LISTS = {
    "optional": "left out, it is empty",
    "default": "left out, it is empty",
    "backfill": "existing rows have an empty one",
    "unique": "uniqueness is that of single values",
    "references": "only single values can be checked",
}
"""Keys without a meaning for lists, and why."""


def lists(system: System) -> Iterator[Finding]:
    for where, spec in system.fields():
        if spec.list:
            yield from _list(where, spec)
        elif spec.max_items is not None:
            message = "'max_items' has no effect on a single value"
            hint = "remove it, or add `list: true`"
            yield Finding((*where, "max_items"), message, hint, key=True, relies=((*where, "list"), (*where, "type")))


def _list(where: Where, spec: MessageField) -> Iterator[Finding]:
    if spec.type in NEVER_LISTED and not spec.enum:
        place = (*where, "type") if "type" in spec.model_fields_set else where
        message = f"there are no lists with values of type {spec.type}"
        hint = "use string" if spec.type == "text" else "a value of type json may be an array itself"
        yield Finding(place, message, hint)
    for key, why in NOT_OF_LISTS.items():
        if getattr(spec, key, None):
            hint = f"remove {quoted(key)}" if key != "optional" else "remove the question mark, or 'optional'"
            yield Finding((*where, key), f"a list has no {quoted(key)}: {why}", hint, key=True)


RULES = (lists,)
