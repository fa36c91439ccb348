"""Splices that add to or remove from a YAML text in its own layout."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from msgen.description.yaml_editor.nodes import Node, column_of, is_block, item_end, item_start, nested, nodes

Splice = tuple[int, int, str]
"""Start, end, and the text that replaces the range."""


WIDEST = 100
QUESTION = "-question-mark-"
BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Layout:
    text: str
    newline: str
    step: int
    """Indentation of nested blocks."""
    dash: int
    """Indentation of dashes below their key."""
    flow_lists: bool
    flow_tables: bool

    @classmethod
    def of(cls, text: str, root: Node) -> "Layout":
        """Detect the style from the first blocks of each kind; default to the style of the examples."""
        pairs = [(map_, key, value) for map_ in nodes(root, yaml.MappingNode) for key, value in map_.value]
        blocks = [(key, value) for map_, key, value in pairs if not map_.flow_style and is_block(value)]
        steps = [column_of(v) - column_of(k) for k, v in blocks if isinstance(v, yaml.MappingNode)]
        dashes = [column_of(v) - column_of(k) for k, v in blocks if isinstance(v, yaml.SequenceNode)]
        lists = list(nodes(root, yaml.SequenceNode))
        flat = [n for n in nodes(root, yaml.MappingNode) if n is not root and not any(nested(v) for _, v in n.value)]
        found = BREAK.search(text)
        return cls(
            text=text,
            newline=found[0] if found else "\n",
            step=steps[0] if steps else 2,
            dash=dashes[0] if dashes else 2,
            flow_lists=not lists or any(n.flow_style for n in lists),
            flow_tables=not flat or any(n.flow_style for n in flat),
        )

    def line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        """Return the end of a line, before its newline."""
        found = BREAK.search(self.text, at)
        return found.start() if found else len(self.text)

    def next_line(self, at: int) -> int:
        found = BREAK.search(self.text, at)
        return found.end() if found else len(self.text)

    def line(self, at: int) -> str:
        return self.text[self.line_start(at) : self.line_end(at)]

    def indent(self, at: int) -> int:
        line = self.line(at)
        return len(line) - len(line.lstrip(" "))


def added_item(layout: Layout, node: Node, value: Any, key: str | None = None) -> list[Splice]:
    """Append an entry (with a key) or an item to a collection."""
    if node.flow_style or not node.value:
        return _added_to_flow(layout, node, _flow({key: value})[1:-1] if key is not None else _flow(value))
    column = column_of(node)
    start, end = _block_span(layout, node, len(node.value) - 1)
    lines = _block({key: value}, column, layout) if key is not None else [f"{' ' * column}- {_flow(value)}"]
    if len(node.value) > 1 and not layout.line(_before(layout, start)).strip():
        lines.insert(0, "")
    text = layout.newline.join(lines)
    if end == len(layout.text) and layout.line(end):
        return [(end, end, layout.newline + text)]
    return [(end, end, text + layout.newline)]


def replaced_null(layout: Layout, holder: Node, key: Node, null: Node, value: Any) -> list[Splice]:
    """Set the value of a key without one."""
    text = layout.text
    if null.value:
        return [(null.start_mark.index, null.end_mark.index, _flow(value))]
    end = key.end_mark.index
    colon = text.find(":", end, layout.line_end(end))
    if colon < 0 or text[end:colon].strip():
        return [(end, end, f": {_flow(value)}")]
    if holder.flow_style or not isinstance(value, dict) or _fits(value, layout, column_of(key)):
        return [(colon + 1, colon + 1, f" {_flow(value)}")]
    lines = _block(value, column_of(key) + layout.step, layout)
    end = layout.line_end(colon)
    return [(end, end, "".join(layout.newline + line for line in lines))]


def removed_item(layout: Layout, node: Node, index: int) -> list[Splice]:
    """Remove one of several entries or items."""
    if node.flow_style:
        return _removed_from_flow(layout, node, index)
    start, end = _block_span(layout, node, index)
    blank_before = start == 0 or not layout.line(_before(layout, start)).strip()
    if blank_before and end < len(layout.text):
        while end < len(layout.text) and not layout.line(end).strip():
            end = layout.next_line(end)
    elif blank_before:
        while start and not layout.line(_before(layout, start)).strip():
            start = layout.line_start(_before(layout, start))
    return [(start, end, "")]


def emptied(layout: Layout, key: Node, node: Node) -> list[Splice]:
    """Remove the only entry of a mapping, which becomes `{}`."""
    if node.flow_style:
        return [(node.start_mark.index + 1, node.end_mark.index - 1, "")]
    colon = layout.text.index(":", key.end_mark.index)
    return [(colon + 1, colon + 1, " {}"), (*_block_span(layout, node, 0), "")]


def _block_span(layout: Layout, node: Node, index: int) -> tuple[int, int]:
    """Return the lines of an entry, with comments below it that are indented further."""
    column = column_of(node)
    start = layout.line_start(item_start(node, index))
    end = after = layout.next_line(item_end(layout.text, node, index))
    while after < len(layout.text):
        line = layout.line(after)
        if line.strip() and not (line.lstrip(" ").startswith("#") and layout.indent(after) > column):
            break
        after = layout.next_line(after)
        end = after if line.strip() else end
    return start, end


def _before(layout: Layout, line_start: int) -> int:
    """Return a position in the previous line."""
    at = line_start - 1
    return at - 1 if layout.text[at - 1 : at + 1] == "\r\n" else at


def _added_to_flow(layout: Layout, node: Node, new: str) -> list[Splice]:
    text = layout.text
    if not node.value:
        at = node.start_mark.index + 1
        return [(at, at, new)]
    last = item_end(text, node, -1)
    comma = _comma(text, last)
    start = item_start(node, -1)
    own_line = not text[layout.line_start(start) : start].strip() and layout.line_start(start) > node.start_mark.index
    if not own_line:
        return [(comma + 1, comma + 1, f" {new}")] if comma >= 0 else [(last, last, f", {new}")]
    end = max(layout.line_end(max(last, comma)), last)
    if "}" in text[last:end] or "]" in text[last:end]:
        end = max(last, comma + 1)
    line = layout.newline + text[layout.line_start(start) : start] + new
    if comma >= 0:
        return [(end, end, line + ",")]
    return [(last, last, ","), (end, end, line)] if end > last else [(last, last, "," + line)]


def _removed_from_flow(layout: Layout, node: Node, index: int) -> list[Splice]:
    text = layout.text
    start, end = item_start(node, index), item_end(text, node, index)
    splices: list[Splice] = []
    comma = _comma(text, end)
    if comma >= 0:
        if text[end:comma].strip():
            splices.append((comma, comma + 1, ""))
        else:
            end = comma + 1
    else:
        before = _comma(text, item_end(text, node, index - 1))
        splices.append((before, before + 1, ""))
    rest = text[end : layout.line_end(end)].strip()
    if not text[layout.line_start(start) : start].strip() and (not rest or rest.startswith("#")):
        return [*splices, (layout.line_start(start), layout.next_line(end), "")]
    if comma >= 0:
        end += len(text[end:]) - len(text[end:].lstrip(" "))
    elif splices[0][0] == start - 2:
        start -= 1
    return [*splices, (start, end, "")]


def _comma(text: str, at: int) -> int:
    """Return the position of the next comma, past white space and comments; -1 if there is none."""
    found = re.compile(r"(?:\s+#[^\r\n]*|\s)*,").match(text, at)
    return found.end() - 1 if found else -1


def _flow(value: Any) -> str:
    value = _with_marks(value)
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf"))
    return text.removesuffix("\n").removesuffix("\n...").replace(QUESTION, "?")


def _with_marks(value: Any) -> Any:
    """Types such as `string?` need no quotes, although PyYAML would write them."""
    match value:
        case dict():
            return {key: _with_marks(item) for key, item in value.items()}
        case str() if re.fullmatch(r"[a-z]+\?", value):
            return value[:-1] + QUESTION
    return value


def _block(table: dict[str, Any], column: int, layout: Layout) -> list[str]:
    """Format a mapping; flat, short values are written in flow style if the text uses it."""
    lines = []
    for key, value in table.items():
        name = f"{' ' * column}{_flow(key)}:"
        if isinstance(value, dict) and value and not _fits(value, layout, len(name)):
            lines += [name, *_block(value, column + layout.step, layout)]
        elif isinstance(value, list) and value and not layout.flow_lists:
            lines += [name, *(f"{' ' * (column + layout.dash)}- {_flow(item)}" for item in value)]
        else:
            lines.append(name if value is None else f"{name} {_flow(value)}")
    return lines


def _fits(table: dict[str, Any], layout: Layout, column: int) -> bool:
    flat = layout.flow_tables and not any(isinstance(value, dict | list) for value in table.values())
    return flat and column + len(_flow(table)) < WIDEST
