"""Which changes of an API break its clients; the cases agree with oasdiff where it has a rule."""

from copy import deepcopy
from typing import Any

import pytest
import yaml

from msgen.contracts.apis import compare_apis
from tests.conftest import ROOT

DOCUMENT = """
paths:
  /orders:
    get:
      security: [{}, {accessToken: []}]
      x-access: [public]
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: sort, in: query, schema: {type: string, pattern: '^-?(id|total)(,-?(id|total)){0,9}$'}}
        - {name: status, in: query, schema: {type: string, enum: [open, paid]}}
      responses:
        "200": {content: {application/json: {schema: {$ref: "#/components/schemas/Page"}}}}
    post:
      security: [{accessToken: []}]
      x-access: [owner, support]
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/Create"}}}
      responses:
        "201": {content: {application/json: {schema: {$ref: "#/components/schemas/Read"}}}}
        "422": {$ref: "#/components/responses/Problem"}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    delete: {responses: {"204": {description: Done}}}
components:
  responses: {Problem: {content: {application/problem+json: {schema: {type: object}}}}}
  schemas:
    Create:
      type: object
      additionalProperties: false
      required: [total]
      properties:
        total: {anyOf: [{type: number, minimum: 0}, {type: string}], pattern: '^[0-9]+$'}
        note: {anyOf: [{type: string, minLength: 1, maxLength: 255}, {type: "null"}]}
        status: {type: string, enum: [open, paid], default: open}
        tags: {type: array, maxItems: 3, items: {type: string}}
        parent: {$ref: "#/components/schemas/Create"}
    Read:
      type: object
      required: [id, total, status]
      properties:
        id: {type: string, format: uuid}
        total: {type: string}
        note: {type: [string, "null"]}
        status: {type: string, enum: [open, paid]}
        count: {type: integer}
        address: {type: object, required: [city], properties: {city: {type: string}}}
    Page:
      type: object
      required: [items]
      properties: {items: {type: array, items: {$ref: "#/components/schemas/Read"}}}
"""
LIST, CREATE, ITEM = "paths./orders.get", "paths./orders.post", "paths./orders/{id}"
SENT, SHOWN = "components.schemas.Create", "components.schemas.Read"
QUERY = f"{LIST}.parameters"
REMOVED = object()

BREAKING = [
    (LIST, REMOVED, "operation-removed"),
    (ITEM, REMOVED, "operation-removed"),
    (f"{QUERY}.2", REMOVED, "parameter-removed"),
    (f"{QUERY}.0.required", True, "parameter-required"),
    (f"{QUERY}.0.schema.maximum", 50, "parameter-bound"),
    (f"{QUERY}.0.schema.default", 10, "parameter-default"),
    (f"{QUERY}.0.schema.type", "boolean", "parameter-type"),
    (f"{QUERY}.1.schema.pattern", "^-?(id)(,-?(id)){0,9}$", "parameter-pattern"),
    (f"{QUERY}.2.schema.enum", ["open"], "parameter-enum"),
    (f"{QUERY}.3", {"name": "user", "in": "query", "required": True, "schema": {}}, "parameter-required"),
    (f"{LIST}.security", [{"accessToken": []}], "access-token"),
    (f"{LIST}.x-access", ["user"], "access-narrowed"),
    (f"{CREATE}.x-access", ["support"], "access-narrowed"),
    (f"{CREATE}.requestBody", REMOVED, "request-body-removed"),
    (f"{CREATE}.requestBody.required", True, "request-body-required"),
    (f"{CREATE}.requestBody.content", {"text/csv": {}}, "request-media-type"),
    (f"{CREATE}.responses.201", REMOVED, "response-status"),
    (f"{CREATE}.responses.201.content", {"text/csv": {}}, "response-media-type"),
    (f"{SENT}.required", ["total", "note"], "request-field-required"),
    (f"{SENT}.properties.note", REMOVED, "request-field-removed"),
    (f"{SENT}.properties.note", {"type": "string", "minLength": 1, "maxLength": 255}, "request-field-null"),
    (f"{SENT}.properties.note.anyOf.0.maxLength", 100, "request-field-bound"),
    (f"{SENT}.properties.note.anyOf.0.minLength", 2, "request-field-bound"),
    (f"{SENT}.properties.note.anyOf.0.format", "uuid", "request-field-format"),
    (f"{SENT}.properties.status.enum", ["open"], "request-field-enum"),
    (f"{SENT}.properties.status.default", "paid", "request-field-default"),
    (f"{SENT}.properties.total", {"type": "number", "minimum": 0, "pattern": "^[0-9]+$"}, "request-field-type"),
    (f"{SENT}.properties.total.anyOf.0.minimum", 1, "request-field-bound"),
    (f"{SENT}.properties.tags.maxItems", 2, "request-field-bound"),
    (f"{SENT}.properties.tags.items.type", "integer", "request-field-type"),
    (f"{SHOWN}.required", ["id", "status"], "response-field-required"),
    (f"{SHOWN}.properties.total", REMOVED, "response-field-removed"),
    (f"{SHOWN}.properties.count", REMOVED, "response-field-removed"),
    (f"{SHOWN}.properties.count.type", "number", "response-field-type"),
    (f"{SHOWN}.properties.total.type", ["string", "null"], "response-field-null"),
    (f"{SHOWN}.properties.id.format", REMOVED, "response-field-format"),
    (f"{SHOWN}.properties.address.properties.city", REMOVED, "response-field-removed"),
]
HARMLESS = [
    ("paths./lines", {"get": {"responses": {}}}),
    (f"{QUERY}.0.schema.maximum", 1000),
    (f"{QUERY}.1.schema.pattern", "^-?(id|note|total)(,-?(id|note|total)){0,9}$"),
    (f"{QUERY}.2.schema.enum", ["open", "paid", "sent"]),
    (f"{QUERY}.3", {"name": "user", "in": "query", "schema": {}}),
    (f"{CREATE}.security", []),
    (f"{CREATE}.x-access", ["user"]),
    (f"{CREATE}.responses.409", {}),
    (f"{CREATE}.responses.422", REMOVED),
    (f"{SENT}.required", []),
    (f"{SENT}.properties.extra", {"type": "string"}),
    (f"{SENT}.properties.note.anyOf.0.maxLength", 500),
    (f"{SENT}.properties.note.anyOf.0.minLength", 0),
    (f"{SENT}.properties.status.enum", ["open", "paid", "sent"]),
    (f"{SENT}.properties.status", {"type": "string", "default": "open"}),
    (f"{SENT}.properties.tags", {"type": ["array", "string"], "items": {}}),
    (f"{SHOWN}.required", ["id", "total", "status", "count"]),
    (f"{SHOWN}.properties.extra", {"type": "string"}),
    (f"{SHOWN}.properties.note", {"type": "string"}),
    (f"{SHOWN}.properties.status.enum", ["open"]),
    (f"{SHOWN}.properties.total.maxLength", 20),
]


def changed(path: str, value: Any) -> dict[str, Any]:
    document: dict[str, Any] = deepcopy(yaml.safe_load(DOCUMENT))
    at: Any = document
    *parents, last = path.replace("{id}", "ID").split(".")
    for key in parents:
        at = at[int(key)] if isinstance(at, list) else at[key]
    last = last.replace("ID", "{id}")
    if value is REMOVED:
        del at[int(last) if isinstance(at, list) else last]
    elif isinstance(at, list):
        at[int(last) : int(last) + 1] = [value]
    else:
        at[last] = value
    return document


@pytest.mark.parametrize(("path", "value", "code"), BREAKING)
def test_a_change_that_breaks_clients(path: str, value: Any, code: str) -> None:
    found = list(compare_apis("x.yaml", yaml.safe_load(DOCUMENT), changed(path, value)))
    assert {breakage.code for breakage in found} == {code}
    assert not any(breakage.warning for breakage in found)


@pytest.mark.parametrize(("path", "value"), HARMLESS)
def test_a_change_that_breaks_nobody(path: str, value: Any) -> None:
    assert list(compare_apis("x.yaml", yaml.safe_load(DOCUMENT), changed(path, value))) == []


@pytest.mark.parametrize("status", [{"type": "string"}, {"type": "string", "enum": ["open", "paid", "sent"]}])
def test_a_new_value_in_responses_breaks_only_readers_of_closed_lists(status: dict[str, Any]) -> None:
    new = changed(f"{SHOWN}.properties.status", status)
    found = list(compare_apis("x.yaml", yaml.safe_load(DOCUMENT), new))
    assert {(breakage.code, breakage.warning) for breakage in found} == {("response-field-enum", True)}
    assert {breakage.where for breakage in found} == {"GET /orders", "POST /orders"}


def test_the_names_of_path_parameters_do_not_matter() -> None:
    new = yaml.safe_load(DOCUMENT.replace("{id}", "{order}").replace("name: id,", "name: order,"))
    assert list(compare_apis("x.yaml", yaml.safe_load(DOCUMENT), new)) == []


def test_an_api_that_is_gone_loses_all_operations() -> None:
    found = list(compare_apis("x.yaml", yaml.safe_load(DOCUMENT), {}))
    assert [breakage.where for breakage in found] == ["GET /orders", "POST /orders", "DELETE /orders/{id}"]


def test_every_rule_is_documented() -> None:
    page = (ROOT / "docs/reference/contracts.md").read_text()
    for _, _, code in BREAKING:
        suffix = code.removeprefix("request-field").removeprefix("response-field")
        assert f"`{suffix}`" in page, code
