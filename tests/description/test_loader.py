"""Load valid descriptions, and report every problem of invalid ones with location and suggested fix.

The files in `bad/` end with the expected problems, a comment for each: line:column message | hint.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from msgen.core.errors import Problem, UserError
from msgen.description.loader import describe, load
from msgen.description.model import Description
from msgen.description.yaml_reader import parse
from msgen.packs.pack import builtin_root, load_pack

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/msgen.yaml"))
BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
LANGUAGES = {"python": {"reserved": {}}, "node": {"reserved": {}}}
VOCABULARY = replace(load_pack(builtin_root()).vocabulary, languages=LANGUAGES)
SHOP = (ROOT / "examples/02-shop/msgen.yaml").read_text()


def outcome(text: str | bytes) -> Description | tuple[Problem, ...]:
    try:
        return describe(parse(text), VOCABULARY)
    except UserError as error:
        return error.problems


def told(text: str) -> list[str]:
    found = outcome(text)
    return [] if isinstance(found, Description) else [f"{p.line}:{p.column} {p.message} | {p.hint}" for p in found]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_examples_load(file: Path) -> None:
    assert load(file, VOCABULARY).services


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_bad_descriptions(file: Path) -> None:
    text = file.read_text()
    expected = re.findall(r"^# (\d+:\d+ .*)$", text, re.MULTILINE)
    assert expected
    assert told(text) == expected


def test_there_are_many_bad_descriptions() -> None:
    assert len(BAD) >= 50


def test_problems_mark_their_location() -> None:
    with pytest.raises(UserError) as caught:
        describe(parse(SHOP.replace("calls: [users]", "calls: [user]"), "shop.yaml"), VOCABULARY)
    first, second = caught.value.problems
    assert (second.file, second.source, second.width) == ("shop.yaml", "    calls: [user]", len("user"))
    assert second.source[second.column - 1 :].startswith("user")
    assert first.message == "orders refers to 'users.user', but does not call 'users'"


def test_a_misspelt_key_raises_no_false_alarms() -> None:
    """`users` has a resource, whatever its key: neither the reference to it nor the event is dangling."""
    assert told(SHOP.replace("resources:\n      user:", "resorces:\n      user:")) == [
        "23:5 unknown key 'resorces' | did you mean 'resources'?"
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("  users:", "  Users:", "21:3 'Users' cannot be a name here"),
        ("consumes: [welcome-email]", "consume: [welcome-email]", "unknown key 'consume'"),
        ("publishes: [user.created]", "publishes: user.created", "'publishes' must be a list, not text"),
        ("welcome-email: {email", "Welcome-email: {email", "'Welcome-email' cannot be a name here"),
        ("blueprint: mailer", "blueprint: mail", "unknown blueprint 'mail'"),
    ],
)
def test_one_mistake_is_reported_once(right: str, wrong: str, expected: str) -> None:
    (problem,) = told(SHOP.replace(right, wrong))
    assert expected in problem


def test_what_many_mistakes_have_in_common_is_not_listed_forever() -> None:
    services = "".join(f"  s{n}: {{colour: red}}\n" for n in range(150))
    found = told("msgen: 1\nname: shop\nservices:\n" + services)
    assert len(found) == 101
    assert found[-1] == "0:0 there are more problems | fix these first"


def test_there_can_be_1000_services_but_no_more() -> None:
    head = "msgen: 1\nname: shop\nservices:\n"
    assert told(head + "".join(f"  s{n}: {{}}\n" for n in range(1000))) == []
    (problem,) = told(head + "".join(f"  s{n}: {{}}\n" for n in range(1001)))
    assert problem == "3:1 'services' has more than 1000 entries | use at most 1000"


def test_long_and_folded_texts_become_one_line() -> None:
    text = (
        "msgen: 1\nname: shop\ndescription: >\n  A shop,\n  and a\u00a0good one 👩\u200d🌾\n\nservices: {users: {}}\n"
    )
    assert describe(parse(text), VOCABULARY).description == "A shop, and a good one 👩\u200d🌾"


@settings(max_examples=300, deadline=None)
@given(st.text() | st.binary())
@example("a: *")
@example("\ud800")
def test_arbitrary_text_is_refused_or_read(text: str | bytes) -> None:
    assert outcome(text)


TOKENS = [
    *sorted(set(re.findall(r"\w[\w.-]*|\s+|\S", SHOP))),
    *(
        "\t",
        "&a",
        "*a",
        "<<",
        "!!str",
        "---",
        "yes",
        "1:30",
        "~",
        "''",
        "#",
        "0x1",
        "1.5",
        "é",
        "\u2028",
        "[",
        "}",
        "id",
    ),
]


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_changed_descriptions_are_refused_or_read(data: st.DataObject) -> None:
    """The shop with a few pieces left out, repeated or replaced: always a description, or problems with true places."""
    pieces = re.findall(r"\w[\w.-]*|\s+|\S", SHOP)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        pieces[at : at + data.draw(st.integers(0, 3))] = data.draw(st.lists(st.sampled_from(TOKENS), max_size=2))
    text = "".join(pieces)
    found = outcome(text)
    lines = re.split("\r\n|\r|\n", text)
    for problem in () if isinstance(found, Description) else found:
        assert problem.message
        if problem.source:
            assert problem.source == lines[problem.line - 1]
            assert 1 <= problem.column <= len(problem.source) + 1
