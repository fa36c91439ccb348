"""Values in YAML's flow style, on one line."""

import re
from typing import Any

import yaml

QUESTION = "-question-mark-"


def flow_text(value: Any) -> str:
    """The value as it stands after a key."""
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
