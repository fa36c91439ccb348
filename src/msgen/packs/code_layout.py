"""Lay out long lines of code as a formatter does: `black` (also ruff format) and `prettier` (also Biome).

A template writes a statement on one line. If the line is too long for the real names, it is split at its brackets:
calls, lists, imports, definitions, comparisons, conditions and, for prettier, chains of calls and assignments.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from msgen.packs.brackets import IN_STRING, brackets, cut, flat, items

SHORT_KEY = 4
"""Longest key whose value prettier keeps on the same line."""


def fit(text: str, style: str, width: int = 100) -> str:
    """Split each line of a text that is longer than `width`; `style` is a key of `STYLES`."""
    lines = text.split("\n")
    if max(map(len, lines)) <= width:
        return text
    lines = _function_arguments(lines, width) if style == "prettier" else lines
    return "\n".join(_split(line, style, width) if len(line) > width else line for line in lines)


@lru_cache(maxsize=4096)
def _split(line: str, style: str, width: int) -> str:
    """Split a line; cached, since services share many lines."""
    return "\n".join(STYLES[style](line, width))


# black

PYTHON_HEAD = re.compile(r"(?:return|assert|yield|raise|await|if|elif|while|for .*? in|with) |[^=(\[{]*?[^=!<>] = ")
PYTHON_OPERATORS = (
    r" (?:if|else) ",
    r" or ",
    r" and ",
    r" (?:==|!=|<=?|>=?|in|not in|is|is not) ",
    r" [|] ",
    r" [-+] ",
)


def black(line: str, width: int) -> list[str]:
    code = line.lstrip()
    return _python(line[: len(line) - len(code)], code.rstrip(), width)


def _python(indent: str, code: str, width: int) -> list[str]:
    if len(indent + code) <= width or _has_comment(code, " #"):
        return [indent + code]
    if match := re.fullmatch(r"(from \S+ import )\(?(.*?),?\)?", code):
        return [f"{indent}{match[1]}(", *(f"{indent}    {name}," for name in items(match[2])), f"{indent})"]
    if match := re.match(r"(?:async )?(def|class) ", code):
        return _definition(indent, code, width, is_function=match[1] == "def")
    if code.startswith("assert ") and len(parts := items(code[7:])) > 1:
        condition, message = parts
        *lines, last = _python(indent, f"assert {condition}", width - len(", ("))
        return [*lines, f"{last}, (", f"{indent}    {message}", f"{indent})"]
    head = match[0] if (match := PYTHON_HEAD.match(code)) else ""
    rest, end = (code[len(head) : -1], ":") if code.endswith(":") else (code[len(head) :], "")
    parts = _operands(rest)
    if head and len(parts) > 1 and not _is_short_comparison(indent + head, rest, parts, width):
        inner = _operation(f"{indent}    ", rest, parts, width)
        return [f"{indent}{head}(", *inner, f"{indent}){end}"]
    return _opened(indent, code, brackets(code)[::-1], width)


def _definition(indent: str, code: str, width: int, *, is_function: bool) -> list[str]:
    start, end = brackets(code)[0]
    if is_function and code[start] == "(" and len(items(code[start + 1 : end])) == 1:
        before = code[:end].rstrip(",")
        code, end = f"{before},{code[end:]}", len(before) + 1  # which a call does not get
    return _opened(indent, code, [(start, end)], width)


def _operands(code: str) -> list[str]:
    if len(cut(code, r" for ")) > 1:
        return cut(code, r" (?:async for|for|if) ")
    found = (cut(code, operator) for operator in PYTHON_OPERATORS)
    return next((parts for parts in found if len(parts) > 1), [code])


def _is_short_comparison(head: str, rest: str, parts: list[str], width: int) -> bool:
    """Return whether the only operator is followed by brackets that can be split instead: `a == [`."""
    found = brackets(rest)
    if len(parts[1:]) != 1 or not found or found[-1][1] < len(rest) - 1:
        return False
    return len(head + rest[: found[-1][0] + 1]) <= width


def _operation(indent: str, code: str, parts: list[str], width: int) -> list[str]:
    if len(indent + code) <= width:
        return [indent + code]
    return [line for part in parts for line in _python(indent, part, width)]


def _opened(indent: str, code: str, pairs: list[tuple[int, int]], width: int) -> list[str]:
    """Split code at the first of these pairs of brackets whose first line fits."""
    fitting = [pair for pair in pairs if len(indent + code[: pair[0] + 1]) <= width]
    if not fitting:
        return [indent + code]
    start, end = fitting[0]
    body, inner = code[start + 1 : end], f"{indent}    "
    named = start > 0 and (code[start - 1].isalnum() or code[start - 1] in "_])")
    parts, operands = items(body), _operands(body)
    comprehension = any(operand.startswith(("for ", "async ")) for operand in operands)
    whole = (code[start] == "(" and named) or comprehension
    if whole and len(inner + body) <= width and not body.endswith(","):
        lines = [inner + body]
    elif (len(parts) == 1 or comprehension) and not body.endswith(","):
        lines = [line for part in operands for line in _python(inner, part, width)]
    else:
        lines = [line for part in parts for line in _python(inner, f"{part},", width)]
    return [indent + code[: start + 1], *lines, indent + code[end:]]


def _has_comment(code: str, mark: str) -> bool:
    depths = flat(code)
    return any(depths[match.start()] < IN_STRING for match in re.finditer(re.escape(mark), code))


# prettier

SCRIPT_HEAD = re.compile(
    r"(?:export )?(?:const|let) [^=]*? = |(?:return|await|throw|yield|export default) |[\w.]+ [+]?= "
)
KEY = re.compile(r"[\w$\"'-]+: ")
FUNCTION_ARGUMENT = re.compile(r"( *)((?!test\().*?\w\()(.+), ((?:async )?\(\w*\) => \{)")


def _function_arguments(lines: list[str], width: int) -> list[str]:
    """Put each argument of a call on its own line if the last is a function and the first line is too long."""
    for start, line in enumerate(lines):
        match = FUNCTION_ARGUMENT.fullmatch(line) if len(line) > width else None
        if match and (last := f"{match[1]}}});") in lines[start:]:
            indent, end = match[1], lines.index(last, start)
            function = [f"{indent}{match[4]}", *lines[start + 1 : end], f"{indent}}},"]
            inner = [f"{indent}  {item}," for item in items(match[3])] + [part and f"  {part}" for part in function]
            lines[start : end + 1] = [indent + match[2], *inner, f"{indent});"]
            return _function_arguments(lines, width)
    return lines


def prettier(line: str, width: int) -> list[str]:
    code = line.lstrip()
    return _script(line[: len(line) - len(code)], code.rstrip(), width)


def _script(indent: str, code: str, width: int) -> list[str]:
    if len(indent + code) <= width or _has_comment(code, "//") or _has_comment(code, "/*"):
        return [indent + code]
    body = code.rstrip(";,")
    end = code[len(body) :]
    if declared := _declared(indent, body, end):
        return declared
    head = match[0] if (match := SCRIPT_HEAD.match(body) or KEY.match(body)) else ""
    value = body[len(head) :]
    first, *links = _links(value)
    if len(links) > 1:
        chain = [line for link in links for line in _script(f"{indent}  ", link, width)]
        return [f"{indent}{head}{first}", *_ended(chain, end)]
    if head.rstrip()[-1:] in ("=", ":") and not brackets(value):
        if value.startswith("`") or (head.endswith(": ") and len(head.rstrip(": ")) <= SHORT_KEY):
            return [indent + code]
        return [f"{indent}{head.rstrip()}", f"{indent}  {value}{end}"]
    return _ended(_spread(indent, body, width), end)


def _declared(indent: str, body: str, end: str) -> list[str]:
    """Split an import of several names, an alias of a long type, a union of types, or the type of a promise."""
    if match := re.fullmatch(r"((?:import|export) (?:type )?)\{ ?(.*?),? ?\}(.*)", body):
        names = items(match[2])
        if len(names) == 1:
            return [indent + body + end]
        return [f"{indent}{match[1]}{{", *(f"{indent}  {name}," for name in names), f"{indent}}}{match[3]}{end}"]
    if match := re.fullmatch(r"((?:export )?type \w+ = [\w.]+<)([\w. ]+)(>)", body) or re.fullmatch(
        r"((?:export )?(?:async )?function \w+\(\): Promise<)(.+)(> \{)", body
    ):
        return [f"{indent}{match[1]}", f"{indent}  {match[2]}", f"{indent}{match[3]}{end}"]
    if match := re.fullmatch(r"((?:export )?type \w+ =) (.*)", body):
        parts = items(match[2], " |")
        if len(parts) > 1:
            return [f"{indent}{match[1]}", *_ended([f"{indent}  | {part}" for part in parts], end)]
        if not brackets(match[2]):
            return [f"{indent}{match[1]}", f"{indent}  {match[2]}{end}"]
    return []


def _ended(lines: list[str], end: str) -> list[str]:
    return [*lines[:-1], lines[-1] + end]


def _links(code: str) -> list[str]:
    """Split a chain of calls into `a.b`, `.c(1)`, `.d()`; other code is returned whole."""
    parts = cut(code, r"\??\.(?=\w+(?:<[^()]*>)?\()")
    return parts if all(part.endswith(")") for part in parts[1:]) and "=>" not in parts[0] else [code]


def _spread(indent: str, code: str, width: int) -> list[str]:
    fitting = [pair for pair in brackets(code)[::-1] if len(indent + code[: pair[0] + 1]) <= width]
    is_function = re.match(r"(export )?(async )?function ", code)
    if not fitting:
        return [indent + code]
    start, end = fitting[-1] if is_function else fitting[0]
    before, body, after, inner = code[: start + 1], code[start + 1 : end].strip(), code[end:], f"{indent}  "
    mark = ";" if code[start] == "{" and ";" in body else ","
    parts = items(body, mark)
    if code[start] == "(" and not is_function and (hugged := _hugged(indent, before, parts, after, width)):
        return hugged
    if code[start] == "(" and len(cut(body, r" (?:&&|\|\||\?\?) ")) > 1 and len(parts) == 1:
        mark = ""
    lines = [line for part in parts for line in _script(inner, part + mark, width)]
    if is_function and parts[-1].startswith("..."):
        lines[-1] = lines[-1].removesuffix(mark)
    return [indent + before, *lines, indent + after]


def _hugged(indent: str, before: str, parts: list[str], after: str, width: int) -> list[str]:
    """Split only the last argument of a call: `f(a, {`."""
    last = parts[-1]
    if last[0] not in "{[" or last[-1] not in "}]" or (len(parts) > 1 and parts[-2][0] == last[0]):
        return []
    first = f"{indent}{before}{', '.join([*parts[:-1], last[0]])}"
    if len(first) > width or not last[1:-1]:
        return []
    inner = [line for part in items(last[1:-1]) for line in _script(f"{indent}  ", f"{part},", width)]
    return [first, *inner, f"{indent}{last[-1]}{after}"]


STYLES: dict[str, Callable[[str, int], list[str]]] = {"black": black, "prettier": prettier}
