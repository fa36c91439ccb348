"""Values of tests satisfy the checks of their resource."""

from msgen.core.naming import Name
from msgen.planning.constraints import Constraint
from msgen.planning.fields import Field
from msgen.planning.samples import samples


def made(*checks: str, **fields: Field) -> dict[str, Field]:
    return {f.name: f for f in samples(list(fields.values()), [Constraint.parse(c) for c in checks])}


def field(name: str, kind: str = "integer", low: int | None = None, high: int | None = None) -> Field:
    return Field(Name(name), kind, min=low, max=high)


def test_related_fields_share_the_values_that_all_of_them_may_have() -> None:
    found = made("check a < b", "check c >= b", a=field("a", low=1, high=9), b=field("b", high=9), c=field("c"))
    assert {n: (f.min, f.max) for n, f in found.items()} == {"a": (1, 3), "b": (4, 6), "c": (7, 9)}


def test_fields_without_a_common_value_keep_their_bounds() -> None:
    found = made("check a < b", a=field("a", high=5), b=field("b", low=10))
    assert {n: (f.min, f.max) for n, f in found.items()} == {"a": (None, 5), "b": (10, None)}


def test_dates_are_ranked() -> None:
    found = made("check b > a", a=field("a", "date"), b=field("b", "date"), c=field("c", "date"))
    assert {n: f.rank for n, f in found.items()} == {"a": 0, "b": 1, "c": None}


def test_what_is_unique_together_gets_new_values_and_so_does_what_it_is_compared_with() -> None:
    found = made("unique a c", "check b > a", a=field("a"), b=field("b"), c=field("c", "date"), d=field("d"))
    assert {n: f.unique for n, f in found.items()} == {"a": True, "b": True, "c": True, "d": False}
