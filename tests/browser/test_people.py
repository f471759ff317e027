"""People at a browser: invited by a mail, with an app or a passkey, on pages that everybody can use."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from offices.accounts.encryption import encrypt
from offices.models import Membership, Office, User
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.offices import MembershipFactory, OfficeFactory, PersonInvitationFactory, UserFactory

PASSWORD = "correct horse battery staple"
SECRETARIAT = "secretariat@example.org"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(transactional_db, live_server, settings) -> Office:
    """Norway, with its people, and an invitation that waits."""
    settings.SITE_URL = live_server.url
    cache.clear()
    office = OfficeFactory(code="NO", name="Norwegian Industrial Property Office")
    coordinator = User.objects.create_user("coordinator@no.example.org", PASSWORD, name="Kari Nordmann")
    MembershipFactory(user=coordinator, office=office, role="coordinator")
    long = UserFactory(email="a.person.with.quite.a.long.address@industrial-property.example.org", name="Ola Nordmann")
    MembershipFactory(user=long, office=office, role="contributor")
    PersonInvitationFactory(office_role="viewer", portal_role="", invited_by=coordinator).offices.add(office)
    User.objects.create_user(SECRETARIAT, PASSWORD, role="administrator")
    return office


@pytest.fixture
def look(new_visitor):
    """Visits pages; what is wrong with each, if anything is."""

    def visit(visitor, paths) -> dict[str, list[str]]:
        findings = {}
        for path in paths:
            visitor.visit(path)
            findings[path] = [*visitor.barriers(), *visitor.complaints]
            visitor.complaints.clear()
            if visitor.overflow() > 0:
                findings[path].append(f"{visitor.overflow()} pixels too wide")
        return {path: found for path, found in findings.items() if found}

    return visit


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def link_in_last_mail() -> str:
    return re.search(r"http://[^/]+(/accounts/\S+)", mail.outbox[-1].body)[1]


def test_an_invitation_from_the_form_to_the_first_page(new_visitor, office):
    visitor = new_visitor()
    visitor.sign_in("coordinator@no.example.org", PASSWORD)
    visitor.visit("/accounts/people/")
    page = visitor.page
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Email address").fill("new@no.example.org")
    page.get_by_label("Role").select_option("contributor")
    page.get_by_role("button", name="Invite").click()
    assert visitor.sees("new@no.example.org is invited")

    guest = new_visitor(PHONE)
    guest.visit(link_in_last_mail())
    assert guest.barriers() == []
    assert guest.overflow() <= 0
    guest.page.get_by_label("Your name").fill("New Colleague")
    for field in guest.page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    guest.page.get_by_role("button", name="Accept").click()
    assert guest.sees("Welcome, New Colleague")
    assert Membership.objects.get(user__email="new@no.example.org").role == "contributor"
    assert visitor.complaints == []
    assert guest.complaints == []


def show_password(visitor, path: str) -> None:
    """Type it again, on the way to this page."""
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Go on").click()
    visitor.lands_on(path)


def test_the_secretariat_sets_up_an_app_and_signs_in_with_it(new_visitor, office, settings):
    settings.MFA_REQUIRED = True
    visitor = new_visitor()
    page = visitor.page
    visitor.sign_in(SECRETARIAT, PASSWORD)
    assert visitor.sees("Your role needs a second factor")
    page.get_by_role("link", name="Set up an app").click()
    show_password(visitor, "/accounts/2fa/app/activate/")
    secret = page.locator("code").inner_text()
    # The picture to scan is there: the policy lets it pass.
    assert page.locator("img").evaluate("image => image.naturalWidth") > 0
    assert visitor.barriers() == []
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Set up the app").click()
    assert visitor.sees("Recovery codes")
    expect(page.locator("li code")).to_have_count(10)
    code = page.locator("li code").first.inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("main").get_by_role("link", name="Sign in").wait_for()

    visitor.visit("/accounts/login/?next=/accounts/people/")
    page.get_by_label("Email").fill(SECRETARIAT)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert visitor.sees("Second factor")
    assert visitor.barriers() == []
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    assert visitor.sees("Invitations that wait")
    assert visitor.complaints == []


def test_a_passkey_is_added_and_signs_in_alone(new_visitor, office):
    visitor = new_visitor()
    page = visitor.page
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    visitor.sign_in(SECRETARIAT, PASSWORD)
    visitor.visit("/accounts/2fa/keys/add/")
    show_password(visitor, "/accounts/2fa/keys/add/")
    assert visitor.barriers() == []
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add the passkey").click()
    assert visitor.sees("Recovery codes")
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("main").get_by_role("link", name="Sign in").wait_for()

    visitor.visit("/accounts/login/?next=/accounts/2fa/keys/")
    page.get_by_role("button", name="With a passkey").click()
    visitor.finds(page.get_by_role("button", name="Sign out"))
    # After the password it is the second factor.
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("main").get_by_role("link", name="Sign in").wait_for()
    visitor.visit("/accounts/login/?next=/accounts/2fa/keys/")
    page.get_by_label("Email").fill(SECRETARIAT)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    visitor.finds(page.get_by_role("button", name="Use a passkey"))
    page.get_by_role("button", name="Use a passkey").click()
    assert visitor.sees("Your passkeys and when each was used")
    assert visitor.complaints == []


def test_where_no_passkey_answers_a_sentence_says_so(new_visitor, office):
    visitor = new_visitor()
    visitor.visit("/accounts/login/")
    visitor.page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('none')) }")
    expect(visitor.page.get_by_role("alert")).to_be_hidden()
    visitor.page.get_by_role("button", name="With a passkey").click()
    assert visitor.sees("That did not work")
    assert visitor.complaints == []


FOR_ALL = ["login/", "password/reset/", "password/reset/done/", "signup/", "inactive/"]
FOR_PERSONS = ["", "people/", "people/invite/", "sessions/", "password/change/", "2fa/", "logout/", "2fa/keys/"]
AFTER_PASSWORD = ["2fa/app/activate/", "2fa/keys/add/", "2fa/codes/", "2fa/codes/generate/", "2fa/app/deactivate/"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_open_to_everybody_and_fit_the_screen(new_visitor, office, look, viewport):
    anonymous = new_visitor(viewport)
    found = look(anonymous, [f"/accounts/{path}" for path in FOR_ALL])
    visitor = new_visitor(viewport)
    visitor.sign_in("coordinator@no.example.org", PASSWORD)
    found |= look(visitor, [f"/accounts/{path}" for path in FOR_PERSONS])
    other = Membership.objects.get(role="contributor").user
    found |= look(visitor, [f"/accounts/people/{other.pk}/"])
    administrator = new_visitor(viewport)
    administrator.sign_in(SECRETARIAT, PASSWORD)
    found |= look(administrator, ["/accounts/people/", "/accounts/people/invite/", f"/accounts/people/{other.pk}/"])
    administrator.visit("/accounts/reauthenticate/?next=/accounts/2fa/")
    found |= {"reauthenticate": administrator.barriers()} if administrator.barriers() else {}
    show_password(administrator, "/accounts/2fa/")
    person = User.objects.get(email=SECRETARIAT)
    found |= look(administrator, [f"/accounts/{path}" for path in AFTER_PASSWORD[:2]])
    secrets = {"totp": {"secret": encrypt("JBSWY3DPEHPK3PXP")}}
    secrets["recovery_codes"] = {"seed": encrypt("s"), "used_mask": 0}
    for kind, data in secrets.items():
        Authenticator.objects.create(user=person, type=kind, data=data)
    found |= look(administrator, ["/accounts/2fa/", *(f"/accounts/{path}" for path in AFTER_PASSWORD[2:])])
    assert found == {}


def test_a_refusal_is_open_to_everybody_too(new_visitor, office):
    visitor = new_visitor(PHONE)
    visitor.visit("/accounts/invitation/none/")
    assert visitor.sees("This link does not work")
    assert visitor.barriers() == []
