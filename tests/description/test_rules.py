"""Rules of a description that need a pack with several languages, and what must be allowed.

What is refused otherwise is in `bad/`, see `test_load`.
"""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgen.core.errors import UserError
from msgen.description.event_patterns import matches
from msgen.description.loader import describe
from msgen.description.yaml_reader import parse
from msgen.packs.pack import builtin_root, load_pack

LANGUAGES = {
    "python": {
        "reserved": {
            "resource": ["metadata"],
            "field": ["class", "json"],
            "setting": ["class"],
            "message": ["message"],
            "service": ["app"],
        }
    },
    "cobol": {"reserved": {"field": ["move", "perform"], "resource": ["division"], "operation": ["accept"]}},
}
VOCABULARY = replace(load_pack(builtin_root()).vocabulary, languages=LANGUAGES)
HEAD = "msgen: 1\nname: shop\n"


def told(text: str) -> list[str]:
    try:
        describe(parse(HEAD + text), VOCABULARY)
    except UserError as error:
        return [f"{p.line}:{p.column} {p.message}" for p in error.problems]
    return []


def test_names_reserved_by_the_language() -> None:
    text = "services: {a: {language: %s, resources: {%s: {%s: string}}}}"
    assert told(text % ("python", "metadata", "class")) == [
        "3:46 a resource cannot be called 'metadata': reserved by python",
        "3:57 a field cannot be called 'class': reserved by python",
    ]
    assert told(text % ("cobol", "metadata", "class")) == []
    assert told(text % ("cobol", "division", "move")) == [
        "3:45 a resource cannot be called 'division': reserved by cobol",
        "3:56 a field cannot be called 'move': reserved by cobol",
    ]


def test_settings_reserved_by_the_language() -> None:
    text = "services: {a: {language: %s, database: none, settings: {class: string}}}"
    assert told(text % "python") == ["3:61 a setting cannot be called 'class': reserved by python"]
    assert told(text % "cobol") == []


def test_hint_for_a_reserved_name() -> None:
    with pytest.raises(UserError) as caught:
        describe(parse(HEAD + "services: {a: {resources: {order_line: {class: string}}}}"), VOCABULARY)
    (problem,) = caught.value.problems
    assert problem.hint == "rename it, for example to 'order_class'"


def test_message_fields_reserved_by_any_user() -> None:
    text = (
        "queues: {jobs: {move: string, class: string}}\n"
        "services:\n"
        "  a: {language: cobol, sends: [jobs]}\n"
        "  b: {language: %s, consumes: [jobs]}\n"
    )
    assert told(text % "cobol") == ["3:17 a field cannot be called 'move': reserved by cobol"]
    assert told(text % "python") == [
        "3:17 a field cannot be called 'move': reserved by cobol",
        "3:31 a field cannot be called 'class': reserved by python",
    ]


@pytest.mark.parametrize("user", ["calls: [a]", 'subscribes: ["order.*"]'])
def test_resource_fields_reserved_by_any_user(user: str) -> None:
    text = (
        "services:\n"
        "  a: {resources: {order: {perform: string}}, publishes: [order.created]}\n"
        f"  b: {{language: %s, {user}}}\n"
    )
    assert told(text % "python") == []
    assert told(text % "cobol") == ["4:27 a field cannot be called 'perform': reserved by cobol"]


def test_names_in_operations_reserved_by_any_caller() -> None:
    text = (
        "services:\n"
        "  a: {operations: {accept: {input: {move: string}, output: {perform: string}}}}\n"
        "  b: {language: %s, calls: [a]}\n"
    )
    assert told(text % "python") == []
    assert told(text % "cobol") == [
        "4:20 an operation cannot be called 'accept': reserved by cobol",
        "4:37 an input cannot be called 'move': reserved by cobol",
        "4:52 an output cannot have a field 'perform': reserved by cobol",
    ]


def test_reserved_message_and_service_names() -> None:
    assert told("queues: {message: {a: string}}\nservices: {app: {sends: [message], consumes: [message]}}") == [
        "3:10 a message cannot be called 'message': reserved by python",
        "4:12 a service cannot be called 'app': reserved by python",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {}}",
        "services: {worker: {database: none}}",
        "queues: {jobs: {x: string}}\nservices: {a: {sends: [jobs], consumes: [jobs]}}",
        "services: {a: {resources: {node: {parent_id: {type: uuid?, references: a.node}}}}}",
        "services: {a: {resources: {order: {total: integer, grand_min: integer, total_mix: string}}}}",
        "services: {a: {resources: {order: {name: string, name_min: string, state: {enum: [x]}, state_max: string}}}}",
        "services: {orders: {resources: {order: {x: string}}}, order: {}}",
        "services: {a: {resources: {o: {x: string}}, calls: [b]}, b: {resources: {p: {x: string}}, calls: [a]}}",
        "services: {a: {resources: {o: {x: string}}, publishes: [o.created]}, b: {subscribes: [o.created, '#']}}",
        "gateway: {port: 1080}\nservices: {a: {port: 15672}}",
        "services: {a: {resources: {o: {a: {type: string, default: 'a b'}, b: {type: text, default: \"a\\nb\"}}}}}",
        "services: {a: {resources: {o: {a: {type: decimal, default: 10}, b: {type: decimal, default: '0.0001'}}}}}",
        "services: {a: {resources: {o: {a: {type: datetime, default: 2025-12-31T23:59:59.5+02:00}}}}}",
        "services: {a: {resources: {o: {a: {type: integer, min: 3, max: 3, default: 3}}}}}",
        "services: {a: {resources: {o: {a: {enum: [in-stock, sold_out], unique: true}}}}}",
    ],
)
def test_valid_descriptions(text: str) -> None:
    assert told(text) == []


def reference_match(pattern: str, event: str) -> bool:
    """The rules of AMQP topics by trying all numbers of words for each `#`."""
    parts, words = pattern.split("."), event.split(".")
    hashes = parts.count("#")
    for sizes in itertools.product(range(len(words) + 1), repeat=hashes):
        numbers = iter(sizes)
        expanded = [p for part in parts for p in (["*"] * next(numbers) if part == "#" else [part])]
        if len(expanded) == len(words) and all(p in ("*", w) for p, w in zip(expanded, words, strict=True)):
            return True
    return False


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ("order.created", "order.created", True),
        ("order.*", "order.created", True),
        ("order.*", "order.line.created", False),
        ("order.*", "order", False),
        ("order.#", "order", True),
        ("order.#", "order.line.created", True),
        ("#.created", "order.line.created", True),
        ("#.created", "created", True),
        ("*.created", "created", False),
        ("#", "a.b.c", True),
        ("#.#", "a", True),
        ("*.#.*", "a.b", True),
        ("*.#.*", "a", False),
        ("order.*", "orders.created", False),
        ("order-*.x", "order-line.x", False),
    ],
)
def test_patterns(pattern: str, event: str, expected: bool) -> None:
    assert matches(pattern, event) is expected
    assert reference_match(pattern, event) is expected


@given(
    st.lists(st.sampled_from(["a", "b", "*", "#"]), min_size=1, max_size=5).map(".".join),
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=5).map(".".join),
)
def test_patterns_match_as_in_amqp(pattern: str, event: str) -> None:
    assert matches(pattern, event) == reference_match(pattern, event)


def test_a_pattern_of_many_hashes_is_quick() -> None:
    assert matches(".".join(["#"] * 30), "a")
    assert not matches(".".join(["#", "a"] * 15), ".".join(["a"] * 14))
