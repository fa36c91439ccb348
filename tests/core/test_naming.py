"""Names and their spellings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgen.core.naming import Name


@pytest.mark.parametrize("written", ["order-line", "order_line", "order.line"])
def test_spellings(written: str) -> None:
    name = Name(written)
    assert (name.snake, name.kebab, name.constant) == ("order_line", "order-line", "ORDER_LINE")
    assert (name.pascal, name.camel, name.phrase) == ("OrderLine", "orderLine", "order line")


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("order", "orders"),
        ("category", "categories"),
        ("person", "people"),
        ("order_line", "order_lines"),
        ("news", "news"),
    ],
)
def test_plurals(singular: str, plural: str) -> None:
    assert Name(singular).plural == plural


def test_spellings_chain_and_are_strings() -> None:
    assert Name("order_line").plural.pascal == "OrderLines"
    assert Name("order_line").plural.kebab == "order-lines"
    assert f"/{Name('a')}" == "/a"
    assert {Name("a"): 1}["a"] == 1


@given(st.from_regex(r"[a-z][a-z0-9]*([_.-][a-z0-9]+)*", fullmatch=True))
def test_every_spelling_is_an_identifier_of_its_kind(written: str) -> None:
    name = Name(written)
    assert re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", name.snake)
    assert re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", name.kebab)
    assert re.fullmatch("[A-Z][A-Za-z0-9]*", name.pascal)
    assert re.fullmatch("[a-z][A-Za-z0-9]*", name.camel)
    assert name.snake.kebab.snake == name.snake
    assert name.snake.upper() == name.constant
