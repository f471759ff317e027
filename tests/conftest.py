"""Personas and small data that the tests of all apps share."""

from collections.abc import Callable, Iterator

import hypothesis
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client

from offices.models import Membership, Office, User
from tests.factories.offices import MembershipFactory, OfficeFactory, UserFactory
from tests.factories.surveys import TinyRound, make_tiny_round

# Without a deadline and from a fixed seed: a slow machine or a lucky draw changes no verdict.
hypothesis.settings.register_profile("portal", deadline=None, derandomize=True)
hypothesis.settings.load_profile("portal")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if connection.vendor == "postgresql":
        return
    skip = pytest.mark.skip(reason=f"needs PostgreSQL (DATABASE_URL), this is {connection.vendor}")
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cells the matrix asked; here, since the process that reports loads no other conftest."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.getreports(key)]
    asked = [cells for report in reports if (cells := dict(report.user_properties).get("cells"))]
    if asked:
        terminalreporter.write_line(f"matrix: {sum(asked):,} cells at {len(asked)} routes")


@pytest.fixture(scope="session", autouse=True)
def emptied_between_tests() -> Iterator[None]:
    """Tests with transactions empty all tables after themselves; triggers that refuse it rest meanwhile.

    That takes a superuser of PostgreSQL, which a portal's own account is not.
    """
    if connection.vendor != "postgresql":
        yield
        return
    truncations = connection.ops.sql_flush

    def at_rest(style, tables, **options):
        found = truncations(style, tables, **options)
        return ["SET LOCAL session_replication_role = replica", *found] if found else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "sql_flush", at_rest)
        yield


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """The real hasher is slow by design, which tests need not wait for."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def work_in_place(settings) -> None:
    """What is done after an answer is done at once, where a test sees it."""
    settings.WORK_IN_THREADS = False


# Offices and personas


@pytest.fixture
def office(db) -> Office:
    """The office of viewer, contributor and coordinator."""
    return OfficeFactory(code="AU", name="IP Australia", region="oceania")


@pytest.fixture
def other_office(db) -> Office:
    return OfficeFactory(code="NA", name="Namibia", region="africa")


@pytest.fixture
def viewer(office) -> User:
    return member(office, Membership.Role.VIEWER)


@pytest.fixture
def contributor(office) -> User:
    return member(office, Membership.Role.CONTRIBUTOR)


@pytest.fixture
def coordinator(office) -> User:
    return member(office, Membership.Role.COORDINATOR)


@pytest.fixture
def other_coordinator(other_office) -> User:
    """The coordinator of another office."""
    return member(other_office, Membership.Role.COORDINATOR)


@pytest.fixture
def secretariat(db) -> User:
    return person_with_role(User.Role.SECRETARIAT)


@pytest.fixture
def administrator(db) -> User:
    return person_with_role(User.Role.ADMINISTRATOR)


@pytest.fixture
def auditor(db) -> User:
    return person_with_role(User.Role.AUDITOR)


@pytest.fixture
def personas(
    viewer, contributor, coordinator, other_coordinator, secretariat, administrator, auditor
) -> dict[str, User | AnonymousUser]:
    """Everybody whom an access test asks about, by name."""
    return {
        "viewer": viewer,
        "contributor": contributor,
        "coordinator": coordinator,
        "other_coordinator": other_coordinator,
        "secretariat": secretariat,
        "administrator": administrator,
        "auditor": auditor,
        "anonymous": AnonymousUser(),
    }


@pytest.fixture
def client_of() -> Callable[[User | AnonymousUser], Client]:
    """A browser in which this person is signed in; for AnonymousUser, in which nobody is."""

    def make(user: User | AnonymousUser) -> Client:
        client = Client()
        if isinstance(user, User):
            client.force_login(user)
        return client

    return make


@pytest.fixture
def anonymous_client() -> Client:
    return Client()


def member(office: Office, role: str) -> User:
    user = UserFactory(email=f"{role}@{office.code.lower()}.example.org")
    MembershipFactory(user=user, office=office, role=role)
    return user


def person_with_role(role: str) -> User:
    return UserFactory(email=f"{role}@example.org", role=role)


# A round


@pytest.fixture
def tiny_round(office, other_office) -> TinyRound:
    """An open round to which the two offices are invited; nobody has answered."""
    return make_tiny_round(office, other_office, open_now=True)
