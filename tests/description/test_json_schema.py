"""The JSON Schema: what an editor accepts, refuses and shows."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from msgen.description import field_model, job_model, model, resource_model, setting_model
from msgen.description.json_schema import json_schema

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/msgen.yaml"))
BAD = Path(__file__).parent / "bad"
VALIDATOR = jsonschema.Draft202012Validator(json_schema(["python", "node"]))
CAUGHT = [
    "a-list",
    "backfill-that-contradicts",
    "bad-names",
    "bounds",
    "defaults-that-contradict",
    "empty-collections",
    "enums",
    "fields-of-events",
    "gateway-values",
    "jobs-of-the-wrong-form",
    "just-text",
    "key-of-another-place",
    "keys-of-later-versions",
    "keys-without-effect-in-messages",
    "languages-and-brokers-of-later-versions",
    "missing-keys",
    "names-too-long",
    "no-services",
    "ports",
    "references-that-cannot-be",
    "services-as-list",
    "settings",
    "subscriptions-to-nothing",
    "surprising-values",
    "typo-in-field-key",
    "typo-in-service-key",
    "typo-in-top-level-key",
    "unique-that-cannot-be",
    "unknown-types",
    "values-left-out",
    "wrong-choices",
    "wrong-types",
    "wrong-version",
]


PARTS = (
    *(field_model.FieldSpec, field_model.MessageField, resource_model.ResourceSpec, resource_model.AccessSpec),
    setting_model.SettingSpec,
    job_model.JobSpec,
)


def field(text: str) -> str:
    return f"msgen: 1\nname: shop\nservices: {{users: {{resources: {{user: {{field: {text}}}}}}}}}"


def accepts(text: str) -> bool:
    return VALIDATOR.is_valid(yaml.load(text, yaml.CSafeLoader))


def test_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(["python", "node"]))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_examples_are_valid(file: Path) -> None:
    VALIDATOR.validate(yaml.load(file.read_text(), yaml.CSafeLoader))


@pytest.mark.parametrize("stem", CAUGHT)
def test_schema_rejects_invalid_descriptions(stem: str) -> None:
    assert not accepts((BAD / f"{stem}.yaml").read_text())


@pytest.mark.parametrize(
    "text",
    [
        "string",
        "uuid?",
        "{type: decimal, min: 0.5, max: 10}",
        "{type: string, default: x}",
        "{enum: [a, b], default: a}",
        "{enum: [a, b], optional: true}",
        '{type: "uuid?", references: users.user}',
        "{type: email, unique: true}",
        "{type: json, optional: true}",
        "'string[]'",
        "[string]",
        "{type: 'integer[]', min: 1, max_items: 5}",
        "{enum: [a, b], list: true}",
        "{}",
    ],
)
def test_valid_fields(text: str) -> None:
    assert accepts(field(text))


@pytest.mark.parametrize(
    "text",
    [
        "strin",
        "5",
        "[json]",
        "{type: string, colour: red}",
        "{type: uuid, min: 1}",
        "{enum: [a], type: string}",
        "{enum: []}",
        "'json[]'",
        "{type: string, list: true, optional: true}",
        "{type: 'string[]', unique: true}",
        "{type: string, max_items: 5}",
        "{type: string?, default: x}",
        "{type: string, optional: true, default: x}",
        "{type: string, references: users.user}",
        "{references: users.user}",
        "{type: text, unique: true}",
    ],
)
def test_invalid_fields(text: str) -> None:
    assert not accepts(field(text))


@pytest.mark.parametrize(
    "text",
    [
        "{total: decimal}",
        "{fields: string}",
        "{fields: {total: decimal}, owner: owner_id, access: {list: public, update: [owner, admin]}}",
        "{fields: {total: {type: decimal, read: [support], write: admin}}}",
    ],
)
def test_valid_resources(text: str) -> None:
    assert accepts(f"msgen: 1\nname: shop\nservices: {{users: {{resources: {{user: {text}}}}}}}")


@pytest.mark.parametrize(
    "text",
    [
        "{fields: {}}",
        "{fields: {total: decimal}, total: decimal}",
        "{fields: {total: decimal}, access: {lists: user}}",
        "{fields: {total: decimal}, access: {list: []}}",
        "{owner: owner_id, access: {list: public}}",
    ],
)
def test_invalid_resources(text: str) -> None:
    assert not accepts(f"msgen: 1\nname: shop\nservices: {{users: {{resources: {{user: {text}}}}}}}")


def test_languages_come_from_the_pack() -> None:
    text = "msgen: 1\nname: shop\ndefaults: {language: cobol}\nservices: {users: {language: cobol}}"
    described = yaml.load(text, yaml.CSafeLoader)
    assert not VALIDATOR.is_valid(described)
    assert jsonschema.Draft202012Validator(json_schema(["python", "cobol"])).is_valid(described)


def test_every_key_is_described() -> None:
    """Also where the key's own schema is elsewhere."""
    schema = json_schema(["python"])
    definitions = schema["$defs"]
    holders = {"": schema, **{k: v for k, v in definitions.items() if "properties" in v}}
    for name, holder in holders.items():
        for key, about in holder["properties"].items():
            target = definitions.get(about.get("$ref", "").rpartition("/")[2], {})
            assert about.get("description") or target.get("description"), f"{name}.{key}"


def test_schema_has_every_key_of_the_model() -> None:
    schema = json_schema(["python"])
    assert schema["properties"].keys() == model.Description.model_fields.keys()
    for spec in (model.ServiceSpec, model.GatewaySpec, model.Defaults, *PARTS):
        definition = schema["$defs"][spec.__name__]
        assert definition["properties"].keys() == spec.model_fields.keys()
        assert definition["additionalProperties"] is False
