"""Edit YAML text without changing any other byte.

Positions come from the parser and changes are splices; the result is parsed again and must equal the intended data.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import yaml

from msgen.core.errors import quoted, user_error
from msgen.description.yaml_editor.layout import Layout, Splice, added_item, emptied, removed_item, replaced_null
from msgen.description.yaml_editor.nodes import Node
from msgen.description.yaml_reader import c_loader

KeyPath = tuple[str, ...]
"""Path to a part of the data: `("services", "orders", "calls")`."""

BOM = "\ufeff"


@dataclass(frozen=True)
class Add:
    """Add a key, and every missing mapping on the path to it."""

    where: KeyPath
    value: Any


@dataclass(frozen=True)
class Append:
    """Append an item to a list, creating the list if it is missing."""

    where: KeyPath
    item: str


@dataclass(frozen=True)
class Remove:
    """Remove a key with its value; a top-level mapping is removed with its last entry."""

    where: KeyPath


@dataclass(frozen=True)
class Drop:
    """Remove an item of a list; the list is removed with its last item."""

    where: KeyPath
    item: str


Edit = Add | Append | Remove | Drop


def edited(content: bytes, edits: Sequence[Edit], file: str = "") -> bytes:
    """Apply edits in order. Raises `UserError` if the layout of the text does not allow one."""
    text = content.decode("utf-8")
    bom = text.startswith(BOM)
    text = text.removeprefix(BOM)
    for edit in edits:
        try:
            meant = intended(_data(text), edit)
            text = _spliced(text, edit)
            done = _data(text) == meant
        except (yaml.YAMLError, AttributeError, LookupError, TypeError, ValueError):
            done = False
        if not done:
            raise user_error(f"cannot {_words(edit)} in this layout", "make the change by hand", file)
    return ((BOM if bom else "") + text).encode()


def intended(data: Any, edit: Edit) -> Any:
    """Return the data after an edit."""
    data = deepcopy(data)
    *parents, key = edit.where
    path = [data]
    for parent in parents:
        if path[-1].get(parent) is None:
            path[-1][parent] = {}
        path.append(path[-1][parent])
    holder = path[-1]
    match edit:
        case Add():
            holder[key] = edit.value
        case Append():
            holder[key] = [*(holder.get(key) or []), edit.item]
        case Drop() if len(holder[key]) > 1:
            holder[key].remove(edit.item)
        case _:
            del holder[key]
            if not holder and len(parents) == 1:
                del data[parents[0]]
    return data


def _data(text: str) -> Any:
    return yaml.load(text, c_loader())  # noqa: S506 - it is the safe one


def _spliced(text: str, edit: Edit) -> str:
    root = yaml.compose(text, c_loader())
    if root is None:
        raise ValueError
    layout = Layout.of(text, root)
    match edit:
        case Add() | Append():
            return _added(layout, root, edit)
        case Drop() if len(items := _find(root, edit.where)[-1].value) > 1:
            index = [item.value for item in items].index(edit.item)
            return _apply(text, removed_item(layout, _find(root, edit.where)[-1], index))
    where = edit.where
    *_, outer, holder, _ = [None, *_find(root, where)]
    if len(holder.value) > 1 or outer is None:
        return _apply(text, removed_item(layout, holder, _index(holder, where[-1])))
    if outer is root:
        return _apply(text, removed_item(layout, root, _index(root, where[0])))
    return _apply(text, emptied(layout, outer.value[_index(outer, where[-2])][0], holder))


def _added(layout: Layout, root: Node, edit: Add | Append) -> str:
    """Descend as far as the path exists, and add the rest as one entry."""
    node, rest = root, edit.where
    while rest and isinstance(node, yaml.MappingNode) and (index := _index(node, rest[0])) >= 0:
        holder, key, node, rest = node, node.value[index][0], node.value[index][1], rest[1:]
    value = [edit.item] if isinstance(edit, Append) else edit.value
    if not rest and isinstance(node, yaml.SequenceNode) and isinstance(edit, Append):
        return _apply(layout.text, added_item(layout, node, edit.item))
    for key_name in reversed(rest[1:] if isinstance(node, yaml.MappingNode) else rest):
        value = {key_name: value}
    if isinstance(node, yaml.MappingNode):
        return _apply(layout.text, added_item(layout, node, value, rest[0]))
    if node.tag != "tag:yaml.org,2002:null":
        raise ValueError
    return _apply(layout.text, replaced_null(layout, holder, key, node, value))


def _find(root: Node, where: KeyPath) -> list[Node]:
    """Return the nodes from the root to the one at a path."""
    path = [root]
    for key in where:
        path.append(path[-1].value[_index(path[-1], key)][1])
    return path


def _index(mapping: Node, key: str) -> int:
    return next((i for i, (name, _) in enumerate(mapping.value) if name.value == key), -1)


def _apply(text: str, splices: Sequence[Splice]) -> str:
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _words(edit: Edit) -> str:
    verb = {Add: "add", Append: "add to", Remove: "remove", Drop: "remove from"}[type(edit)]
    return f"{verb} {quoted('.'.join(edit.where))}"
