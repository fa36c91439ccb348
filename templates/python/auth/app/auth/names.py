"""Names of accounts, which appear in mails."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from chassis.types import String

_LINK = re.compile(r"[/\\<>@]|[^\W_]{2,}\.[^\W\d_]{2,}")


def _check(name: str) -> str:
    if not name.isprintable() or name.isspace() or _LINK.search(name):
        raise ValueError("must be printable and without links")
    return name


DisplayName = Annotated[String, Field(max_length=60), AfterValidator(_check)]
