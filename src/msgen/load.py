"""A description's file -> `model.Description`, with every problem of the file reported at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from msgen.errors import UserError
from msgen.model import Description
from msgen.source import Source, read_bytes
from msgen.strictyaml import parse

Languages = Mapping[str, Mapping[str, Any]]


def load(path: str | Path, languages: Languages) -> Description:
    """Reads and checks a file. Raises UserError with every problem, each with its place and cure."""
    file = Path(path)
    return describe(parse(read_bytes(file), str(file)), languages)


def describe(source: Source, languages: Languages) -> Description:
    try:
        description = Description.model_validate(source.data)
    except ValidationError as error:
        raise UserError(*(source.problem(e["loc"], e["msg"]) for e in error.errors())) from None
    if source.problems:
        raise UserError(*source.problems)
    return description
