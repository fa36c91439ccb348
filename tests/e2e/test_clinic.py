"""The clinic: a team's own operations, rule, job, handler and packages, in containers."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from . import journey
from .conftest import EXAMPLES, System, making

ACCOUNTS = "/accounts"
GRANT_ADMIN = ("python", "-m", "app.auth.grant_admin")
PACKAGES = {"appointments": "ical-generator", "billing": "babel"}
SECONDS = 60


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The example with the files of its team, and their packages."""
    example = EXAMPLES / "06-clinic"
    description = str(example / "msgen.yaml")
    with making("clinic", tmp_path_factory.mktemp("clinic"), "--description", description) as system:
        shutil.copytree(example / "own", system.root, dirs_exist_ok=True)
        tools = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        for service, package in PACKAGES.items():
            added = System(system.root, system.environment | tools)
            added.run("make", "add", f"SERVICE={service}", f"PACKAGE={package}")
        system.run("make", "up", timeout=1800)
        yield system


SignIn = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def sign_in(clinic: System) -> Iterator[SignIn]:
    """Return a client with a new account that has these roles."""
    with ExitStack() as open_clients:

        def new_client(*roles: str) -> httpx.Client:
            client = open_clients.enter_context(httpx.Client(base_url=clinic.url, timeout=20))
            new = journey.account(client, ACCOUNTS)
            client.headers["Authorization"] = f"Bearer {new.token}"
            if roles:
                clinic.compose("exec", "-T", "accounts", *GRANT_ADMIN, new.email)
                renew_token(client, new.email)
                own = client.get(f"{ACCOUNTS}/me").raise_for_status().json()["id"]
                client.put(f"{ACCOUNTS}/accounts/{own}/roles", json={"roles": [*roles, "admin"]}).raise_for_status()
                renew_token(client, new.email)
            return client

        yield new_client


def renew_token(client: httpx.Client, email: str) -> None:
    login = client.post(f"{ACCOUNTS}/login", json={"email": email, "password": journey.PASSWORD})
    client.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['access_token']}"


def soon(found: Callable[[], Any]) -> Any:
    """Wait for what events bring about."""
    deadline = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    return value


@pytest.fixture(scope="module")
def patient(sign_in: SignIn) -> httpx.Client:
    patient = sign_in()
    own = patient.get(f"{ACCOUNTS}/me").json()["id"]
    soon(lambda: patient.get(f"/patients/{own}").status_code == httpx.codes.OK)
    return patient


@pytest.fixture(scope="module")
def staff(sign_in: SignIn) -> httpx.Client:
    return sign_in("desk", "doctor")


@pytest.fixture(scope="module")
def doctor(staff: httpx.Client) -> str:
    body = {"name": "Ada Byron", "field": "CARDIOLOGY", "languages": ["en", "fr"]}
    created = staff.post("/doctors", json=body).raise_for_status()
    return str(created.json()["id"])


def book(client: httpx.Client, doctor: str, start: str, end: str) -> httpx.Response:
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 24 * 3600))
    times = {"starts_at": f"{day}T{start}:00Z", "ends_at": f"{day}T{end}:00Z"}
    return client.post("/appointments", json={"doctor_id": doctor, **times})


def test_everybody_sees_the_doctors_and_what_they_speak(clinic: System, doctor: str) -> None:
    listed = httpx.get(f"{clinic.url}/doctors", params={"languages": "fr"}).raise_for_status().json()
    assert [item["id"] for item in listed["items"]] == [doctor]


def test_a_doctor_has_one_appointment_at_a_time(patient: httpx.Client, doctor: str) -> None:
    assert book(patient, doctor, "09:00", "09:30").status_code == httpx.codes.CREATED
    refused = book(patient, doctor, "09:15", "09:45")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.starts_at")
    assert book(patient, doctor, "10:30", "10:00").json()["errors"][0]["field"] == "body.ends_at"


def test_only_its_patient_and_the_desk_cancel_an_appointment(
    sign_in: SignIn, patient: httpx.Client, staff: httpx.Client, doctor: str
) -> None:
    path = f"/appointments/{book(patient, doctor, '11:00', '11:30').json()['id']}/cancel"
    assert sign_in().post(path, json={"reason": "mischief"}).status_code == httpx.codes.NOT_FOUND
    once = {"Idempotency-Key": "of-a-client-that-repeats"}
    for _ in range(2):
        cancelled = patient.post(path, json={"reason": "holiday"}, headers=once).raise_for_status()
        assert cancelled.json()["status"] == "CANCELLED"
    assert patient.post(path, json={"reason": "holiday"}).status_code == httpx.codes.CONFLICT
    soon(lambda: staff.get("/audit/stats").raise_for_status().json()["events"]["appointment.cancelled"])


def test_a_completed_appointment_is_billed(patient: httpx.Client, staff: httpx.Client, doctor: str) -> None:
    appointment = book(patient, doctor, "12:00", "12:30").json()["id"]
    treated = {"treatment": "Check-up", "price": "80.00"}
    assert patient.post(f"/appointments/{appointment}/complete", json=treated).status_code == httpx.codes.FORBIDDEN
    staff.post(f"/appointments/{appointment}/complete", json=treated).raise_for_status()

    query = {"appointment_id": appointment}
    (invoice,) = soon(lambda: patient.get("/invoices", params=query).raise_for_status().json()["items"])
    assert (invoice["net"], invoice["tax"]) == ("80", "15.2")
    document = patient.get(f"/invoices/{invoice['id']}/document").raise_for_status()
    assert document.text.splitlines()[-1] == "Total: €95.20"
    calendar = patient.get(f"/appointments/{appointment}/calendar").raise_for_status()
    assert f"UID:{appointment}" in calendar.text


def test_the_job_reminds_of_the_appointments_of_the_next_day(
    clinic: System, patient: httpx.Client, doctor: str
) -> None:
    """It asks patients for the address, with the token of its service."""
    assert book(patient, doctor, "15:00", "15:30").status_code == httpx.codes.CREATED
    clinic.run("make", "job", "NAME=appointments/remind")
    address = patient.get(f"{ACCOUNTS}/me").json()["email"]

    def reminded() -> bool:
        mails = httpx.get(f"{clinic.mails_url}/email", timeout=30).json()
        return any("reminder" in m["subject"].lower() and m["to"][0]["address"] == address for m in mails)

    soon(reminded)
