"""Write out the short form of resources, so that locations in the data do not depend on the form."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from msgen.description.resource_model import is_long, long_form
from msgen.description.source_map import Source, Where

DEPTH = 4
"""Length of the location of a resource: `("services", "orders", "resources", "order")`."""


def expand(source: Source) -> Source:
    """Return the source with every resource in the long form; what is below `fields` keeps its place in the text."""
    short = {where for where, value in _resources(source.data) if isinstance(value, Mapping) and not is_long(value)}
    if not short:
        return source
    return replace(
        source,
        data=_long(source.data, short),
        keys={
            **{_moved(where, short): span for where, span in source.keys.items()},
            **{(*where, "fields"): source.keys[where] for where in short},
        },
        values={_moved(where, short): span for where, span in source.values.items()},
        empty=[_moved(where, short) for where in source.empty],
    )


def _resources(data: Any) -> Iterable[tuple[Where, Any]]:
    for service, spec in _items(data.get("services")):
        for name, value in _items(spec.get("resources") if isinstance(spec, Mapping) else None):
            yield ("services", service, "resources", name), value


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, Mapping) else ()


def _long(data: Any, short: set[Where], where: Where = ()) -> Any:
    if where in short:
        return long_form(data)
    if isinstance(data, Mapping) and len(where) < DEPTH:
        return {key: _long(value, short, (*where, key)) for key, value in data.items()}
    return data


def _moved(where: Where, short: set[Where]) -> Where:
    holder, rest = where[:DEPTH], where[DEPTH:]
    return (*holder, "fields", *rest) if rest and holder in short else where
