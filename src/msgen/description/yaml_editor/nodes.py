"""Positions of YAML nodes in their text."""

from collections.abc import Iterator
from typing import Any

import yaml

Node = Any
"""A `yaml.Node`; the type stubs lack its subclasses' attributes."""


def nodes(node: Node, kind: type[yaml.Node]) -> Iterator[Any]:
    if isinstance(node, kind):
        yield node
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from nodes(value, kind)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from nodes(value, kind)


def is_block(node: Node) -> bool:
    return nested(node) and not node.flow_style


def nested(node: Node) -> bool:
    return isinstance(node, yaml.CollectionNode)


def column_of(node: Node) -> int:
    column: int = node.start_mark.column
    return column


def item_start(node: Node, index: int) -> int:
    item = node.value[index]
    start: int = (item[0] if isinstance(item, tuple) else item).start_mark.index
    return start


def item_end(text: str, node: Node, index: int) -> int:
    item = node.value[index]
    return max(_end(text, part) for part in item) if isinstance(item, tuple) else _end(text, item)


def _end(text: str, node: Node) -> int:
    """Return the end of a node's text; the parser's end marks of blocks point to the next token."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        return item_end(text, node, len(node.value) - 1)
    start: int = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())
