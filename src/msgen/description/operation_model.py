"""Operations in `msgen.yaml`: endpoints besides list, read, create, update and delete."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from msgen.description.field_model import Flag, Grantees, MessageFields, Strict
from msgen.description.patterns import LABEL, PATH
from msgen.description.publication import Publication

OperationName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=40)]
Path = Annotated[str, StringConstraints(strict=True, pattern=PATH, max_length=120)]
METHODS = ("get", "post", "put", "patch", "delete")
WITHOUT_BODY = ("get", "delete")
FILE = "file"


class OutputSpec(Strict):
    """What an operation answers: a resource, fields, `file`, or a list of a resource or of fields."""

    name: Annotated[str, Field(strict=True)] = ""
    """A resource of the service, or `file`; empty for fields."""
    fields: MessageFields = Field({})
    many: Flag = False


def _output(value: Any) -> Any:
    many = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 1
    one = value[0] if many else value
    if isinstance(one, str):
        return {"name": one, "many": many}
    return {"fields": one, "many": many} if isinstance(one, Mapping) else value


class OperationSpec(Strict):
    """An operation; by default `POST` below the path of a row, or of the service."""

    description: Annotated[str, Field(strict=True, max_length=500)] = Field("", description="Purpose, in one line.")
    get: Path | None = Field(None, description="Path, if the method is GET: `/quotes/{country}`.")
    post: Path | None = Field(None, description="Path, if the method is POST: `/orders/import`.")
    put: Path | None = Field(None, description="Path, if the method is PUT.")
    patch: Path | None = Field(None, description="Path, if the method is PATCH.")
    delete: Path | None = Field(None, description="Path, if the method is DELETE.")
    input: MessageFields = Field(
        {},
        description="Fields of the input: in the path if it names them, else in the body, or in the query of a GET "
        "or DELETE.",
    )
    output: Annotated[OutputSpec, BeforeValidator(_output)] | None = Field(
        None, description="A resource of the service, fields, a list of one of them, or `file`; nothing by default."
    )
    access: Grantees | None = Field(
        None,
        description="Who may call it. Default: whoever may update the row (GET: read it); `user` if it is not about a "
        "row.",
    )
    publishes: tuple[Publication, ...] = Field((), description="Events that it publishes.")

    @property
    def method(self) -> str:
        return next((method for method in METHODS if getattr(self, method)), "post")

    @property
    def given_path(self) -> str:
        """The path in the description; empty if there is none."""
        return getattr(self, self.method) or ""

    @property
    def with_body(self) -> bool:
        return self.method not in WITHOUT_BODY


Operations = dict[OperationName, OperationSpec]


def parameters(path: str) -> Iterator[str]:
    """Yield the names of a path's parameters."""
    yield from (part[1:-1] for part in path.split("/") if part.startswith("{"))
