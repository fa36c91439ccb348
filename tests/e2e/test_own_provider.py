"""A system with the accounts of an OpenID provider: sign-in, roles, owners, forged tokens and rotation of keys."""

import base64
import hashlib
import hmac
import html
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from .conftest import EXAMPLES, System, running
from .test_systems import check

VERIFIER = "a verifier of a code that is long enough for the standard".replace(" ", "-")
CALLBACK = "http://127.0.0.1/callback"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    description = str(EXAMPLES / "07-own-provider/msgen.yaml")
    with running("own-provider", tmp_path_factory.mktemp("own"), "--description", description) as system:
        yield system


def provider(system: System) -> str:
    return f"http://localhost:{system.environment['IDENTITY_PROVIDER_PORT']}"


def token(system: System, login: str, roles: str = "") -> str:
    form = {"grant_type": "password", "client_id": "dev", "username": login, "roles": roles}
    response = httpx.post(f"{provider(system)}/token", data=form)
    return str(response.raise_for_status().json()["access_token"])


def ask(system: System, token: str, path: str = "/loans", **json: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request("POST" if json else "GET", system.url + path, headers=headers, json=json or None, timeout=20)


def encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def with_shared_secret(claims: dict[str, Any], secret: bytes, kid: str) -> str:
    """Return a token whose signature takes the public key for a shared secret."""
    header = json.dumps({"alg": "HS256", "kid": kid}).encode()
    signed = f"{encode(header)}.{encode(json.dumps(claims).encode())}"
    return f"{signed}.{encode(hmac.digest(secret, signed.encode(), 'sha256'))}"


def test_the_system_tests_pass(library: System) -> None:
    library.run("make", "-C", "tests/system", "install")
    check(library.run("sh", "-c", "cd tests/system && .venv/bin/pytest test_access.py test_tokens.py"))


def test_a_browser_signs_in(library: System) -> None:
    """The authorization code flow with PKCE, through the pages of the provider."""
    configuration = httpx.get(f"{provider(library)}/.well-known/openid-configuration").json()
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    asked = {
        "client_id": "dev",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": CALLBACK,
        "code_challenge": encode(digest),
        "code_challenge_method": "S256",
    }
    with httpx.Client() as browser:
        response = browser.get(configuration["authorization_endpoint"], params=asked)
        while not (where := response.headers.get("Location", "")).startswith(CALLBACK):
            if where:
                response = browser.get(urljoin(str(response.url), where))
            else:
                action = html.unescape(re.findall(r'action="([^"]+)"', response.text)[0])
                prompt = re.findall(r'name="prompt" value="(\w+)"', response.text)[0]
                form = {"prompt": prompt, "login": "librarian", "password": "any"}
                response = browser.post(urljoin(str(response.url), action), data=form)
    code = parse_qs(urlsplit(where).query)["code"][0]
    form = {"grant_type": "authorization_code", "client_id": "dev", "redirect_uri": CALLBACK}
    answer = httpx.post(configuration["token_endpoint"], data={**form, "code": code, "code_verifier": VERIFIER})
    tokens = answer.raise_for_status().json()

    assert ask(library, tokens["access_token"], "/members").status_code == 200  # for librarians
    assert ask(library, tokens["id_token"], "/members").status_code == 401


def test_roles_and_owners(library: System) -> None:
    ada, eve = token(library, "ada"), token(library, "eve")
    librarian = token(library, "lea", "librarian")
    member = ask(library, ada, "/members", name="Ada").raise_for_status().json()["id"]
    book = ask(library, librarian, "/books", title="Emma", author="Austen").raise_for_status().json()["id"]
    loan = ask(library, ada, "/loans", book_id=book).raise_for_status().json()

    assert loan["member_id"] == member
    assert ask(library, eve, "/books", title="Emma", author="Austen").status_code == 403
    assert ask(library, eve, "/members").status_code == 403
    assert ask(library, eve, f"/loans/{loan['id']}").status_code == 404
    assert ask(library, eve).json()["total"] == 0
    assert ask(library, librarian, f"/loans/{loan['id']}").status_code == 200


def test_forged_tokens_open_nothing(library: System) -> None:
    valid = token(library, "ada", "librarian")
    kid = jwt.get_unverified_header(valid)["kid"]
    claims = jwt.decode(valid, options={"verify_signature": False})
    key = generate_private_key(SECP256R1())
    public = httpx.get(f"{provider(library)}/jwks").content
    header, _, signature = valid.split(".")
    other = encode(json.dumps(claims | {"sub": "eve"}).encode())
    forged = [
        jwt.encode(claims, key, "ES256", headers={"kid": kid}),
        jwt.encode(claims | {"aud": "other"}, key, "ES256", headers={"kid": kid}),
        jwt.encode(claims | {"iss": "https://sso.example.com/realms/acme"}, key, "ES256", headers={"kid": kid}),
        with_shared_secret(claims, public, kid),
        jwt.encode(claims, None, "none", headers={"kid": kid}),
        f"{header}.{other}.{signature}",
    ]

    assert ask(library, valid).status_code == 200
    for bad in forged:
        assert ask(library, bad).status_code == 401, bad
        inside = f"fetch('http://127.0.0.1:8000/members',{{headers:{{Authorization:'Bearer {bad}'}}}})"
        said = library.compose("exec", "-T", "members", "node", "-e", f"{inside}.then(r=>console.log(r.status))")
        assert said.strip() == "401", f"the service itself accepts {bad}"


def test_the_provider_can_rotate_its_key(library: System) -> None:
    old = token(library, "ada", "librarian")
    secrets = library.root / ".env"
    kept = [line for line in secrets.read_text().splitlines() if not line.startswith("IDENTITY_PROVIDER_KEY=")]
    secrets.write_text("\n".join(kept) + "\n")
    library.run("sh", "scripts/make-env")
    library.compose("up", "--detach", "--wait", "--no-deps", "identity-provider")
    new = token(library, "ada", "librarian")

    def inside(token: str) -> str:
        call = f"fetch('http://127.0.0.1:8000/members',{{headers:{{Authorization:'Bearer {token}'}}}})"
        return library.compose("exec", "-T", "members", "node", "-e", f"{call}.then(r=>console.log(r.status))").strip()

    end = time.monotonic() + 30
    while inside(new) != "200":
        assert time.monotonic() < end
        time.sleep(1)
    assert inside(old) == "401"


def test_only_the_override_has_the_provider_of_development(library: System) -> None:
    production = library.compose("--file", str(Path("compose.yaml")), "config")
    assert "identity-provider" not in production
    assert "https://sso.example.com/realms/acme" in production
