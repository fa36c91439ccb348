from typing import Any, Literal

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from chassis import types

NESTED: list[Any] = []
for _ in range(100):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("kind", "sent", "shown"),
    [
        (types.String, "a", "a"),
        (types.Text, "", ""),
        (types.Email, "Ann@Example.com", "ann@example.com"),
        (types.Url, "https://example.com/a?b=c", "https://example.com/a?b=c"),
        (types.Integer, 2**53 - 1, 2**53 - 1),
        (types.Number, 1, 1.0),
        (types.Decimal, "1.50", "1.5"),
        (types.Decimal, "100", "100"),
        (types.Decimal, "-0.0", "0"),
        (types.Decimal, 0.1, "0.1"),
        (types.Decimal, "99999999999999.9999", "99999999999999.9999"),
        (types.Boolean, False, False),
        (types.Date, "2024-02-29", "2024-02-29"),
        (types.DateTime, "2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z"),
        (types.DateTime, "2024-02-29T00:00:00.1239Z", "2024-02-29T00:00:00.123Z"),
        (types.DateTime, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        (types.Json, {"a": [None, 1.5, "b"]}, {"a": [None, 1.5, "b"]}),
        (types.Json, [10**300], [10**300]),
    ],
)
def test_what_is_taken_and_how_it_is_shown(kind: Any, sent: object, shown: object) -> None:
    adapter = TypeAdapter[Any](kind)

    assert adapter.dump_python(adapter.validate_python(sent), mode="json") == shown


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (types.String, ""),
        (types.String, "a" * 256),
        (types.String, "a\0b"),
        (types.String, "\ud800"),
        (types.String, 1),
        (types.Email, "ann"),
        (types.Email, "ann@localhost"),
        (types.Email, f"{'a' * 65}@example.com"),
        (types.Email, ".ann@example.com"),
        (types.Url, "ftp://example.com"),
        (types.Url, "https://"),
        (types.Url, "javascript:alert(1)"),
        (types.Uuid, "1234"),
        (types.Uuid, "6f1c1f0e8f434a5e9c579a8f6a1f2b3c"),
        (types.Integer, 2**53),
        (types.Integer, 1.5),
        (types.Integer, True),
        (types.Integer, "1"),
        (types.Integer, 10**400),
        (types.Number, float("nan")),
        (types.Number, float("inf")),
        (types.Number, 10**400),
        (types.Number, "1"),
        (types.Decimal, "NaN"),
        (types.Decimal, "1e5"),
        (types.Decimal, " 5"),
        (types.Decimal, "5."),
        (types.Decimal, "0.00001"),
        (types.Decimal, "100000000000000"),
        (types.Decimal, 1e300),
        (types.Decimal, True),
        (types.Boolean, 1),
        (types.Boolean, "true"),
        (types.Date, "2023-02-29"),
        (types.Date, "0000-01-01"),
        (types.Date, 0),
        (types.Date, "2024-02-29T00:00:00Z"),
        (types.DateTime, "2024-02-29T00:00:00"),
        (types.DateTime, "2024-02-29 00:00:00Z"),
        (types.DateTime, "0001-01-01T00:00:00+01:00"),
        (types.DateTime, "9999-12-31T23:59:59-01:00"),
        (types.DateTime, 0),
        (types.Json, "text"),
        (types.Json, {"a\0": 1}),
        (types.Json, ["\udfff"]),
        (types.Json, [float("nan")]),
        (types.Json, [2**53 + 1]),
        (types.Json, [10**400]),
        (types.Json, NESTED),
    ],
)
def test_what_is_refused(kind: Any, sent: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[Any](kind).validate_python(sent)


class Sent(BaseModel):
    name: types.String
    size: Literal["s", "m"]
    count: types.Integer = 5


def test_a_reader_takes_what_other_versions_send() -> None:
    reader = types.received(Sent)

    assert reader.model_validate({}) == reader.model_construct(name=None, size=None, count=5)
    assert reader.model_validate({"name": "a", "size": "xl", "new": 1}).size == "xl"


def test_a_reader_refuses_what_is_wrong() -> None:
    with pytest.raises(ValidationError):
        types.received(Sent).model_validate({"name": "", "size": "s"})
