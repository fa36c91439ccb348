"""Every API does what its description says, whatever it is asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from .twins import LANGUAGES, OTHER, SERVICES, Twins

SCHEMATHESIS = "schemathesis==4.32.5"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_but_those_described(
    twins: Twins, service: str, language: str, tmp_path: Path, thorough: bool
) -> None:
    token = twins.account(language if service == "accounts" else OTHER[language]).token
    command = ["tool", "run", "--from", SCHEMATHESIS, "schemathesis", "run", "--no-color", "--seed", "1"]
    options = [
        "--max-examples",
        "25" if thorough else "10",
        "--checks",
        ",".join(CHECKS),
        "--header",
        f"Authorization: Bearer {token}",
    ]
    url = f"{twins.url(service, language)}/openapi.json"
    done = subprocess.run(
        [sys.executable, "-m", "uv", "--quiet", *command, *options, url],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
