"""The OpenID provider that issues access tokens."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from msgen.description.model import Description


@dataclass(frozen=True)
class Identity:
    issuer: str
    audience: str
    roles_claim: str
    roles_path: tuple[str, ...]
    """Claim with the roles of an account, and keys of nested objects in it."""

    @property
    def configuration_url(self) -> str:
        """URL of the discovery document (OpenID Connect Discovery 1.0, section 4)."""
        return f"{self.issuer.removesuffix('/')}/.well-known/openid-configuration"

    @property
    def port(self) -> int:
        return urlsplit(self.issuer).port or 443


def plan_identity(description: Description) -> Identity | None:
    spec = description.identity
    if spec is None:
        return None
    # A claim that is named by a URL has dots of its own.
    path = (spec.roles_claim,) if "://" in spec.roles_claim else tuple(spec.roles_claim.split("."))
    return Identity(spec.issuer, spec.audience or description.name, spec.roles_claim, path)
