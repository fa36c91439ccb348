"""Edits of a description: what is meant is said afterwards, and nothing else has changed."""

import random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from msgen.core.errors import UserError
from msgen.description.yaml_editor.editor import Add, Append, Drop, Edit, Remove, edited, intended

SHOP = """\
# The shop.
msgen: 1
name: 'shop'   # single quotes

services:
  # who
  users:
    resources:
      user: {email: {type: email, unique: true}, name: string, nickname: string?}

  orders:  # what
    calls: [users]
    subscribes: ["user.*"]
    # calls: [billing]

# the end
"""


def edit(text: str, *edits: Edit) -> str:
    return edited(text.encode(), edits, "msgen.yaml").decode()


def test_a_service_is_added_after_the_last_in_the_same_manner() -> None:
    service = {"language": "node", "resources": {"bill": {"total": "decimal"}}, "calls": ["users", "orders"]}
    new = edit(SHOP, Add(("services", "billing"), service))
    assert new == SHOP.replace(
        "    # calls: [billing]\n",
        """    # calls: [billing]

  billing:
    language: node
    resources:
      bill: {total: decimal}
    calls: [users, orders]
""",
    )


def test_block_lists_and_wide_indentation_are_kept_up() -> None:
    text = "services:\n    a:\n        calls:\n        - b\n"
    text += "    b:\n        resources:\n            r:\n                n: string\n"
    new = edit(text, Add(("services", "c"), {"resources": {"s": {"n": "text"}}, "calls": ["a"]}))
    assert new == text + (
        "    c:\n        resources:\n            s:\n                n: text\n        calls:\n        - a\n"
    )


def test_windows_line_ends_and_a_missing_last_one_are_kept() -> None:
    new = edit("services:\r\n  a: {}\r\n  b: {}", Add(("services", "c"), {"calls": ["a"]}))
    assert new == "services:\r\n  a: {}\r\n  b: {}\r\n  c:\r\n    calls: [a]"


def test_a_byte_order_mark_is_kept() -> None:
    assert edit("\ufeffa: {b: 1}\n", Add(("a", "c"), 2)) == "\ufeffa: {b: 1, c: 2}\n"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a: {}\n", "a: {k: v}\n"),
        ("a: {b: 1}\n", "a: {b: 1, k: v}\n"),
        ("a: {b: 1, }\n", "a: {b: 1, k: v }\n"),
        ("a: {\n  b: 1\n}\n", "a: {\n  b: 1,\n  k: v\n}\n"),
        ("a: {\n  b: 1, # one\n}\n", "a: {\n  b: 1, # one\n  k: v,\n}\n"),
        ("a: {\n  b: 1 # one\n}\n", "a: {\n  b: 1, # one\n  k: v\n}\n"),
        ("a: {\n  b: 1 }\n", "a: {\n  b: 1,\n  k: v }\n"),
        ("a:   # none yet\n", "a: {k: v}   # none yet\n"),
        ("a: ~\n", "a: {k: v}\n"),
        ("a:\n  b: |\n    text\n\nc: 1\n", "a:\n  b: |\n    text\n  k: v\n\nc: 1\n"),
        ('"a" : {"b":1}\n', '"a" : {"b":1, k: v}\n'),
        ("{a: {b: 1}}", "{a: {b: 1, k: v}}"),
    ],
)
def test_an_entry_is_added_to(text: str, new: str) -> None:
    assert edit(text, Add(("a", "k"), "v")) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a: {}\n", "a: {l: [k]}\n"),
        ("a: {l: []}\n", "a: {l: [k]}\n"),
        ("a: {l: }\n", "a: {l: [k] }\n"),
        ("a:\n  l: [b]  # x\n", "a:\n  l: [b, k]  # x\n"),
        ("a:\n  l:\n    - b # x\n      # y\n  m: 1\n", "a:\n  l:\n    - b # x\n      # y\n    - k\n  m: 1\n"),
        ("a:\n  l:\n  - 'b'\n", "a:\n  l:\n  - 'b'\n  - k\n"),
        ("a:\n  l: [\n    b,\n    c,\n  ]\n", "a:\n  l: [\n    b,\n    c,\n    k,\n  ]\n"),
        ("a:\n  m: 1\n", "a:\n  m: 1\n  l: [k]\n"),
        ("a:\n", "a:\n  l: [k]\n"),
    ],
)
def test_an_item_is_appended_to(text: str, new: str) -> None:
    assert edit(text, Append(("a", "l"), "k")) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("s:\n  a: 1\n\n  k: # it\n    x: 1\n    # note\n\n  b: 2\n", "s:\n  a: 1\n\n  b: 2\n"),
        ("s:\n  a: 1\n\n  k:\n    x: 1\n", "s:\n  a: 1\n"),
        ("s:\n  # of k\n  k: 1\n  # of a\n  a: 1\n", "s:\n  # of k\n  # of a\n  a: 1\n"),
        ("s: {k: 1, a: 1}\n", "s: {a: 1}\n"),
        ("s: {a: 1, k: 1}\n", "s: {a: 1}\n"),
        ("s: {a: 1, k: 1, b: 1}\n", "s: {a: 1, b: 1}\n"),
        ("s: {\n  a: 1, # a\n  k: 1 # k\n}\n", "s: {\n  a: 1 # a\n}\n"),
        ("s: {\n  a: 1,\n  k: 1\n}\n", "s: {\n  a: 1\n}\n"),
        ("s: {\n  k: 1,\n  a: 1,\n}\n", "s: {\n  a: 1,\n}\n"),
        ("t: 1\ns:\n  k: 1\nu: 1\n", "t: 1\nu: 1\n"),
    ],
)
def test_an_entry_is_removed_from(text: str, new: str) -> None:
    assert edit(text, Remove(("s", "k"))) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a: {l: [k, b]}\n", "a: {l: [b]}\n"),
        ("a: {l: [b, k]}\n", "a: {l: [b]}\n"),
        ("a:\n  l:\n  - k # x\n  - b\n", "a:\n  l:\n  - b\n"),
        ("a:\n  l: [k]\n  m: 1\n", "a:\n  m: 1\n"),
        ("a: # x\n  l: [k]\nm: 1\n", "m: 1\n"),
        ("a:\n  l: ['k', \"b\"]\n", 'a:\n  l: ["b"]\n'),
    ],
)
def test_an_item_is_dropped_from(text: str, new: str) -> None:
    assert edit(text, Drop(("a", "l"), "k")) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("s:\n  a: # x\n    l: [k]\n  b: 1\n", "s:\n  a: {} # x\n  b: 1\n"),
        ("s:\n  a: {l: [k]}\n", "s:\n  a: {}\n"),
        ("s: {a: {l: [k]}}\n", "s: {a: {}}\n"),
        ("s:\n  a:\n    l:\n    - k\n", "s:\n  a: {}\n"),
    ],
)
def test_a_service_stays_when_its_last_key_goes(text: str, new: str) -> None:
    assert edit(text, Drop(("s", "a", "l"), "k")) == new


def test_a_layout_that_cannot_be_edited_is_refused() -> None:
    with pytest.raises(UserError, match=r"cannot add 'a.b.c' in this layout"):
        edit("a: {b: text}\n", Add(("a", "b", "c"), 1))


def test_quotes_are_put_where_yaml_needs_them() -> None:
    new = edit("a: {}\n", Add(("a", "k"), ["order.*", "yes", "x: y", "string?"]))
    assert yaml.load(new, yaml.CSafeLoader) == {"a": {"k": ["order.*", "yes", "x: y", "string?"]}}


class Stylist:
    """Writes data as YAML in a random manner; each comment says what it stands at."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.step = self.random.choice([2, 3, 4])
        self.dash = self.random.choice([0, 2])
        self.flow = self.random.choice([0.0, 0.3, 0.8])
        self.newline = self.random.choice(["\n", "\r\n"])
        self.comments: dict[str, tuple[str, ...]] = {}

    def text(self, data: object) -> str:
        text = self.newline.join(self.block(data, 0, ())) + self.newline * self.random.randrange(3)
        return self.random.choice(["", "\ufeff"]) + text

    def comment(self, where: tuple[str, ...], chance: float = 0.2) -> str:
        if self.random.random() > chance:
            return ""
        name = f"# c{len(self.comments)}é."
        self.comments[name] = where
        return name

    def block(self, data: object, column: int, where: tuple[str, ...]) -> list[str]:
        lines = []
        for key, value in data.items():  # type: ignore[attr-defined]
            at = (*where, key)
            if self.random.random() < 0.2:
                lines.append(" " * self.random.choice([0, column]))
            if above := self.comment(where):
                lines.append(" " * self.random.choice([0, column]) + above)
            name = " " * column + self.quoted(key) + self.random.choice(["", "", " "]) + ":"
            beside = self.comment(at)
            beside = beside and f"  {beside}"
            if not value or not isinstance(value, dict | list):
                shown = "" if value is None else f" {self.scalar(value)}"
                lines.append(name + shown + beside)
            elif self.random.random() < self.flow:
                lines += self.flowing(name + " ", value, column, at, beside)
            elif isinstance(value, dict):
                lines += [name + beside, *self.block(value, column + self.step, at)]
            else:
                items = [" " * (column + self.dash) + "- " + self.scalar(item) for item in value]
                lines += [name + beside, *items]
        return lines

    def flowing(self, name: str, value: object, column: int, where: tuple[str, ...], beside: str) -> list[str]:
        ends = "{}" if isinstance(value, dict) else "[]"
        parts = [self.inline(part) for part in self.parts(value)]
        if self.random.random() < 0.5:
            space = self.random.choice(["", " "])
            comma = self.random.choice(["", ","])
            return [f"{name}{ends[0]}{space}{', '.join(parts)}{comma}{space}{ends[1]}{beside}"]
        last = self.random.choice(["", ","])
        lines = [name + ends[0] + beside]
        for number, part in enumerate(parts, 1):
            note = self.comment(where)
            comma = "," if number < len(parts) else last
            lines.append(" " * (column + self.step) + part + comma + (note and f" {note}"))
        return [*lines, " " * (column + 1) + ends[1]]

    def parts(self, value: object) -> list[object]:
        return list(value.items()) if isinstance(value, dict) else list(value)  # type: ignore[call-overload]

    def inline(self, value: object) -> str:
        if isinstance(value, tuple):
            return f"{self.quoted(value[0])}: {self.inline(value[1])}"
        match value:
            case dict():
                return "{" + ", ".join(self.inline(part) for part in value.items()) + "}"
            case list():
                return "[" + ",".join(self.inline(part) for part in value) + "]"
            case _:
                return self.scalar(value)

    def scalar(self, value: object) -> str:
        if value in ([], {}):
            return str(value)
        return "~" if value is None else self.quoted(value)

    def quoted(self, text: object) -> str:
        return self.random.choice([f"{text}", f"'{text}'", f'"{text}"'])


NAMES = st.sampled_from(["alpha", "b", "order-line", "email", "décor", "x1", "ship"])
SERVICES = st.dictionaries(
    NAMES,
    st.one_of(
        st.none(),
        st.fixed_dictionaries(
            {},
            optional={
                "calls": st.lists(NAMES, min_size=1, max_size=4, unique=True),
                "text": NAMES,
                "resources": st.dictionaries(NAMES, st.dictionaries(NAMES, NAMES, max_size=3), min_size=1, max_size=3),
            },
        ),
    ),
    min_size=1,
    max_size=5,
)
VALUE = {"language": "node", "resources": {"bill": {"total": "decimal", "note": "string?"}}, "calls": ["b", "yes"]}


def is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)


@settings(max_examples=400, deadline=None)
@given(SERVICES, st.integers(0, 10**9), st.data())
def test_any_layout(services: dict[str, object], seed: int, draw: st.DataObject) -> None:
    stylist = Stylist(seed)
    data = {"name": "shop", "services": services, "queues": {"b": {"x": "text"}}}
    text = stylist.text(data)
    assert yaml.load(text.removeprefix("\ufeff"), yaml.CSafeLoader) == data
    name = draw.draw(st.sampled_from(sorted(services)))
    service = services[name]
    calls = service.get("calls", []) if isinstance(service, dict) else []
    edits: list[Edit] = [
        Add(("services", "new"), VALUE),
        Add(("events", "user.created"), {"id": "uuid"}),
        Append(("services", name, "calls"), "billing"),
        Remove(("queues", "b")),
    ]
    if len(services) > 1:
        edits.append(Remove(("services", name)))
    if calls:
        edits.append(Drop(("services", name, "calls"), calls[-1]))
    edit_ = draw.draw(st.sampled_from(edits))
    new = edit(text, edit_)
    assert yaml.load(new.removeprefix("\ufeff"), yaml.CSafeLoader) == intended(data, edit_)
    if isinstance(edit_, Add | Append):
        assert is_subsequence(text.replace("~", "") if service is None else text, new)
    else:
        # A service whose last key goes is left as `{}`.
        assert is_subsequence(new.replace(" {}", ""), text)
        gone = edit_.where
        kept = {c for c, where in stylist.comments.items() if where[: len(gone)] != gone and where != gone[:1]}
        lost = [c for c in kept if c not in new]
        assert not lost or gone[0] == "queues" or len(gone) == 3
