"""Which changes of a message break its receivers, and who they are."""

import json
from typing import Any

import pytest

from msgen.contracts.comparison import compare
from msgen.contracts.documents import Contracts
from msgen.contracts.messages import compare_messages

ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"enum": ["open", "paid"]},
        "note": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
        "total": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "required": ["id", "status", "total"],
}


def with_fields(*, required: tuple[str, ...] = ("id", "status", "total"), **fields: Any) -> dict[str, Any]:
    properties = {**ORDER["properties"], **fields}
    return {**ORDER, "properties": {k: v for k, v in properties.items() if v}, "required": list(required)}


@pytest.mark.parametrize(
    ("new", "code", "words"),
    [
        ({}, "message-removed", "the message was removed"),
        (with_fields(total=None, required=("id", "status")), "message-field-removed", "'total' was removed"),
        (with_fields(note=None), "message-field-removed", "'note' was removed"),
        (with_fields(required=("id", "total")), "message-field-required", "'status' is no longer always present"),
        (
            with_fields(required=("id", "status", "total", "note")),
            "message-field-required",
            "messages in flight lack it",
        ),
        (with_fields(id={"type": "integer"}), "message-field-type", "can now be of type integer"),
        (with_fields(total={"type": "string"}), "message-field-pattern", "another pattern"),
        (with_fields(id={"type": "string"}), "message-field-format", "no longer has the format uuid"),
        (with_fields(status={"enum": ["open"]}), "message-field-enum", "no longer accepts paid"),
        (
            with_fields(total={"type": ["string", "null"], "pattern": "^[0-9]+$"}),
            "message-field-null",
            "can now be null",
        ),
        (
            with_fields(note={"type": ["string", "null"], "minLength": 1, "maxLength": 300}),
            "message-field-bound",
            "maxLength 255",
        ),
    ],
)
def test_a_change_that_breaks_receivers(new: dict[str, Any], code: str, words: str) -> None:
    found = list(compare_messages("x.json", ORDER, new))
    assert {breakage.code for breakage in found} == {code}
    assert words in found[0].message
    assert not any(breakage.warning for breakage in found)


@pytest.mark.parametrize(
    "new",
    [
        ORDER,
        with_fields(extra={"type": "string"}),
    ],
)
def test_a_change_that_breaks_nobody(new: dict[str, Any]) -> None:
    assert list(compare_messages("x.json", ORDER, new)) == []


def test_a_new_value_is_a_warning() -> None:
    (found,) = compare_messages("x.json", ORDER, with_fields(status={"enum": ["open", "paid", "sent"]}))
    assert (found.code, found.warning) == ("message-field-enum", True)


def test_those_whom_a_change_breaks_are_named() -> None:
    files = {
        "msgen.yaml": b"services: {orders: {calls: [users]}, users: {}}",
        "contracts/openapi/users.yaml": b"paths: {/users: {get: {responses: {}}}}",
        "contracts/messages/mail.json": json.dumps(ORDER).encode(),
        "contracts/asyncapi.yaml": b"operations: {a.send.mail: {action: send}, b.receive.mail: {action: receive}}",
    }
    before = Contracts.read(files)
    changed = {**files, "contracts/messages/mail.json": json.dumps(with_fields(note=None)).encode()}
    (found,) = compare(before, Contracts.read(changed))
    assert found.consumers == ("b (receives mail)",)
    for file, consumers in (
        ("contracts/messages/mail.json", ("b (receives mail)", "a (sends mail)")),
        ("contracts/openapi/users.yaml", ("orders (calls users)", "clients of the gateway")),
    ):
        (found,) = compare(before, Contracts.read({path: text for path, text in files.items() if path != file}))
        assert found.consumers == consumers
