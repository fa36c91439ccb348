"""A description's file -> `model.Description`, with every problem of the file reported at once."""

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from msgen.errors import UserError
from msgen.model import Description
from msgen.source import Source, read_source

Languages = Mapping[str, Mapping[str, Any]]


def load(path: str | os.PathLike[str], languages: Languages) -> Description:
    """Reads and checks a file. Raises UserError with every problem, each with its place and cure."""
    return describe(read_source(path), languages)


def describe(source: Source, languages: Languages) -> Description:
    try:
        description = Description.model_validate(source.data)
    except ValidationError as error:
        raise UserError(*(source.problem(e["loc"], e["msg"]) for e in error.errors())) from None
    if source.problems:
        raise UserError(*source.problems)
    return description
