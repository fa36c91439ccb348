"""Parts of requests and responses about accounts."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from chassis.types import DateTime

Password = Annotated[SecretStr, Field(min_length=1, max_length=128)]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=128)]


class AccountOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    name: str
    roles: list[str]
    locked: bool
    created_at: DateTime
