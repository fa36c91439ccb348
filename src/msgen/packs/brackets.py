"""Find the brackets of a line of code, and split it outside of them."""

import re
from collections.abc import Sequence
from functools import lru_cache

OPEN, CLOSE = "([{", ")]}"
IN_STRING = 1000
"""Added to the depth of characters in strings; higher than the depth of any code."""


@lru_cache(maxsize=1024)
def flat(code: str) -> Sequence[int]:
    """Return the bracket depth of each character; characters of strings are at `IN_STRING` or more."""
    depths, depth, quote, escaped = [], 0, "", False
    for character in code:
        if quote:
            depths.append(IN_STRING + depth)
            if character == quote and not escaped:
                quote = ""
            escaped = character == "\\" and not escaped
            continue
        if character in "\"'`":
            quote = character
            depths.append(IN_STRING + depth)
            continue
        depth -= character in CLOSE
        depths.append(depth)
        depth += character in OPEN
    return depths


def brackets(code: str) -> list[tuple[int, int]]:
    """Return the positions of outermost, non-empty brackets."""
    found, start = [], 0
    for index, depth in enumerate(flat(code)):
        if depth == 0 and code[index] in OPEN:
            start = index
        elif depth == 0 and code[index] in CLOSE and index > start + 1:
            found.append((start, index))
    return found


def cut(code: str, pattern: str) -> list[str]:
    """Split code before each match of a pattern outside brackets."""
    depths = flat(code)
    places = [match.start() for match in re.finditer(pattern, code) if depths[match.start()] == 0 and match.start()]
    return [code[start:end].strip() for start, end in zip([0, *places], [*places, len(code)], strict=True)]


def items(code: str, separator: str = ",") -> list[str]:
    """Split a list into its elements, without separators."""
    parts = [part.strip().removeprefix(separator.strip()).strip() for part in cut(code, re.escape(separator))]
    return [part for part in parts if part]
