"""Accounts, people, and the way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.factories.matrix import FOREIGN, PASSWORD, code_of_app
from tests.matrix import objects
from tests.matrix.asking import OWN_SESSIONS, SESSIONS_OF_OTHERS
from tests.matrix.cells import (
    ADMINISTRATOR,
    AGAIN,
    ANY,
    COORDINATORS,
    DENIED,
    ELSEWHERE,
    EVERYBODY,
    GONE,
    NO_METHOD,
    OK,
    OUTSIDE,
    OWN,
    READERS,
    REAL,
    REFUSED,
    SECRETARIAT,
    SIGN_IN,
    SIGNED_IN,
    Form,
    Policy,
    type_of_row,
)
from tests.matrix.table.rows import (
    DENIED_TO_THE_REST,
    FOR_ALL,
    FOR_SIGNED_IN,
    LED_ON,
    models,
    only,
    page,
    rows,
)

# Accounts, people and the way in

PEOPLE = models("offices.User", "offices.Membership", "offices.PersonInvitation", "mfa.Authenticator")
# An invitation to a role of the whole portal.
SHARED = frozenset({"shared"})
LOOKED_AFTER = rows((SECRETARIAT, REAL, ELSEWHERE), (COORDINATORS, OWN, ELSEWHERE), (READERS, REAL, DENIED))
BY_ADMINISTRATORS = rows((ADMINISTRATOR, REAL, ELSEWHERE), (READERS, REAL, DENIED), (COORDINATORS, OWN, DENIED))
BY_SECRETARIAT = rows((SECRETARIAT, REAL, ELSEWHERE), (READERS, REAL, DENIED), (COORDINATORS, OWN, DENIED))


# Pages of django-allauth

FACTORS = models("mfa.Authenticator")
PASSWORDS = models("offices.User") | {OWN_SESSIONS}
# Somebody who has a password, and somebody who has an app and recovery codes; all have a key.
WITH_PASSWORD, WITH_APP = ADMINISTRATOR, frozenset({"secretariat"})
STATED = {
    OUTSIDE: "nobody signed in",
    WITH_PASSWORD: "who has a password",
    SIGNED_IN - WITH_PASSWORD: "who has no password",
    WITH_APP: "who has an app for codes",
    SIGNED_IN - WITH_APP: "who has no app for codes",
}


def known_methods(
    who: frozenset[str], get: Any = OK, post: Any = NO_METHOD, put: Any = NO_METHOD, *, others: Any = None, **more: Any
) -> Policy:
    """For `who` a page that tells by OPTIONS which methods it knows; others have one answer to every method.

    `get` may be rows of its own.
    """

    def answers(answer: Any) -> Sequence[type_of_row]:
        return [(who, ANY, answer), (SIGNED_IN, ANY, others), (EVERYBODY, ANY, SIGN_IN)]

    return Policy(
        get=get if isinstance(get, list) else answers(get),
        post=answers(post),
        put=answers(put),
        options=answers(OK),
        rest=answers(NO_METHOD),
        stated=more.pop("stated", STATED.get(who, "")),
        **more,
    )


def any_method(answers: Sequence[type_of_row], **more: Any) -> Policy:
    return Policy(get=answers, post=answers, put=answers, options=answers, rest=answers, **more)


def own_key(answer: Any) -> Sequence[type_of_row]:
    return rows((SIGNED_IN, OWN, answer))


ACCOUNTS: Mapping[str, Policy] = {
    "account": Policy(
        get=FOR_SIGNED_IN,
        post=rows((SIGNED_IN, REAL, ELSEWHERE)),
        form=Form(by="self", extra={"name": "Another"}),
        writes=models("offices.User"),
    ),
    "people": page(only(READERS | COORDINATORS)),
    "people_invite": Policy(
        get=only(SECRETARIAT | COORDINATORS),
        post=only(SECRETARIAT | COORDINATORS, ELSEWHERE),
        form=Form(extra={"email": "new@example.org", "role": "viewer"}),
        writes=PEOPLE,
        bodies=[
            (
                lambda world, persona: {"offices": FOREIGN[persona.office]},
                rows((SECRETARIAT, REAL, ELSEWHERE), (COORDINATORS, REAL, REFUSED), DENIED_TO_THE_REST),
            ),
            (
                lambda world, persona: {"role": "auditor", "offices": []},
                rows((ADMINISTRATOR, REAL, ELSEWHERE), (SECRETARIAT | COORDINATORS, REAL, REFUSED), DENIED_TO_THE_REST),
            ),
        ],
    ),
    "people_invitation": Policy(
        get=LED_ON,
        post=rows((ADMINISTRATOR, SHARED, ELSEWHERE), (READERS, SHARED, DENIED), *LOOKED_AFTER[1:]),
        objects=objects.invitations_of,
        form=Form(extra={"revoke": "1"}),
        writes=PEOPLE,
    ),
    "person": page(rows((READERS, REAL, OK), (COORDINATORS, OWN, OK)), objects.person_of),
    "person_office": Policy(
        get=LED_ON,
        post=rows((SECRETARIAT, frozenset({"crossed"}), (ELSEWHERE, REFUSED)), *LOOKED_AFTER[1:]),
        objects=objects.place_of_person,
        form=Form(page="person", by="secretariat", extra={"role": ""}),
        writes=PEOPLE,
    ),
    "person_role": Policy(
        get=LED_ON,
        post=BY_ADMINISTRATORS,
        objects=objects.person_of,
        form=Form(page="person", by="administrator", extra={"role": "auditor"}),
        writes=PEOPLE,
    ),
    "person_access": Policy(get=LED_ON, post=BY_SECRETARIAT, objects=objects.person_of, form=Form(), writes=PEOPLE),
    "person_factors": Policy(get=LED_ON, post=BY_ADMINISTRATORS, objects=objects.person_of, form=Form(), writes=PEOPLE),
    # Whoever has the link; what is wrong with it is not told.
    "invitation": Policy(
        get=FOR_ALL,
        post=[(EVERYBODY, REAL, ELSEWHERE)],
        objects=objects.links,
        form=Form(extra={"name": "New", "password": "long-and-unheard-of", "again": "long-and-unheard-of"}),
        # Whoever takes it up has signed in by that.
        writes=PEOPLE | {"account.EmailAddress", OWN_SESSIONS, SESSIONS_OF_OTHERS},
    ),
    # When somebody last signed in, the trail does not tell.
    "account_login": known_methods(
        OUTSIDE,
        post=ELSEWHERE,
        put=AGAIN,
        others=ELSEWHERE,
        form=Form(extra={"login": "qq@example.org", "password": PASSWORD}),
        writes=models("offices.User") | {OWN_SESSIONS, SESSIONS_OF_OTHERS},
        is_told=False,
        bodies=[
            (
                lambda world, persona: {"password": "something-else"},
                [(OUTSIDE, ANY, AGAIN), (SIGNED_IN, ANY, ELSEWHERE)],
            ),
            (
                lambda world, persona: {"login": "nobody@example.org"},
                [(OUTSIDE, ANY, AGAIN), (SIGNED_IN, ANY, ELSEWHERE)],
            ),
        ],
    ),
    "account_logout": known_methods(
        EVERYBODY,
        post=ELSEWHERE,
        get=[(OUTSIDE, ANY, ELSEWHERE), (SIGNED_IN, ANY, OK)],
        form=Form(),
        writes=frozenset({OWN_SESSIONS}),
    ),
    # It says that it is closed.
    "account_signup": any_method([(OUTSIDE, ANY, OK), (SIGNED_IN, ANY, ELSEWHERE)], stated=STATED[OUTSIDE]),
    "account_inactive": known_methods(EVERYBODY),
    "account_reset_password": known_methods(
        EVERYBODY, post=ELSEWHERE, put=AGAIN, form=Form(extra={"email": "qq@example.org"})
    ),
    "account_reset_password_done": known_methods(EVERYBODY),
    # Whoever has the link; what is wrong with another is said on a page.
    "account_reset_password_from_key": Policy(
        get=[(EVERYBODY, ANY, OK)],
        post=[(EVERYBODY, REAL, ELSEWHERE), (EVERYBODY, GONE, AGAIN)],
        objects=objects.reset_links,
        form=Form(extra={"password1": f"{PASSWORD}-2", "password2": f"{PASSWORD}-2"}),
        writes=models("offices.User", "account.EmailAddress") | {OWN_SESSIONS, SESSIONS_OF_OTHERS},
        # Whoever comes by the link is signed out first.
        notes=frozenset({OWN_SESSIONS}),
    ),
    "account_reset_password_from_key_done": known_methods(EVERYBODY),
    "mfa_authenticate": any_method(LED_ON),
    "mfa_login_webauthn": known_methods(OUTSIDE, get=SIGN_IN, post=SIGN_IN, put=SIGN_IN, others=ELSEWHERE),
    "usersessions_list": Policy(
        get=FOR_SIGNED_IN, post=LED_ON, form=Form(), writes=frozenset({OWN_SESSIONS}), asks_first=True
    ),
    # Whoever has a second factor, as all have here, is asked for that instead.
    "account_reauthenticate": any_method(
        LED_ON, form=Form(extra={"password": PASSWORD}), stated="who has a password and no second factor"
    ),
    "account_change_password": known_methods(
        WITH_PASSWORD,
        post=ELSEWHERE,
        put=AGAIN,
        others=ELSEWHERE,
        form=Form(extra={"oldpassword": PASSWORD, "password1": f"{PASSWORD}-2", "password2": f"{PASSWORD}-2"}),
        writes=PASSWORDS,
    ),
    "account_set_password": known_methods(
        SIGNED_IN - WITH_PASSWORD,
        post=ELSEWHERE,
        put=AGAIN,
        others=ELSEWHERE,
        form=Form(extra={"password1": PASSWORD, "password2": PASSWORD}),
        writes=PASSWORDS,
    ),
    "mfa_index": known_methods(SIGNED_IN),
    # When a factor was last used is noted.
    "mfa_reauthenticate": known_methods(
        WITH_APP,
        post=ELSEWHERE,
        put=AGAIN,
        others=ELSEWHERE,
        form=Form(extra={"code": lambda world: code_of_app}),
        writes=FACTORS,
        is_told=False,
    ),
    "mfa_activate_totp": Policy(
        get=rows((SIGNED_IN - WITH_APP, ANY, OK), (SIGNED_IN, ANY, ELSEWHERE)),
        post=rows((SIGNED_IN, ANY, ELSEWHERE)),
        asks_first=True,
        form=Form(extra={"code": lambda world: code_of_app}),
        writes=FACTORS,
    ),
    "mfa_deactivate_totp": Policy(
        get=rows((WITH_APP, ANY, OK)),
        post=rows((WITH_APP, ANY, ELSEWHERE)),
        stated=STATED[WITH_APP],
        form=Form(),
        writes=FACTORS,
        asks_first=True,
    ),
    # That the codes were looked at is noted.
    "mfa_view_recovery_codes": known_methods(
        SIGNED_IN, get=rows((WITH_APP, ANY, OK)), notes=FACTORS, is_told=False, stated="who has recovery codes"
    ),
    "mfa_generate_recovery_codes": Policy(get=FOR_SIGNED_IN, post=LED_ON, form=Form(), writes=FACTORS, asks_first=True),
    "mfa_download_recovery_codes": Policy(
        get=rows((WITH_APP, ANY, OK)), notes=FACTORS, is_told=False, asks_first=True, stated="who has recovery codes"
    ),
    "mfa_list_webauthn": known_methods(SIGNED_IN),
    "mfa_add_webauthn": Policy(get=rows((SIGNED_IN, ANY, OK)), post=rows((SIGNED_IN, ANY, AGAIN)), asks_first=True),
    # Without the answer of a key: back to the start.
    "mfa_reauthenticate_webauthn": known_methods(SIGNED_IN, post=SIGN_IN, put=SIGN_IN),
    "mfa_edit_webauthn": Policy(
        get=own_key(OK),
        post=own_key(ELSEWHERE),
        objects=objects.keys,
        form=Form(extra={"name": "Key"}),
        writes=FACTORS,
        asks_first=True,
    ),
    "mfa_remove_webauthn": Policy(
        get=own_key(OK), post=own_key(ELSEWHERE), objects=objects.keys, form=Form(), writes=FACTORS, asks_first=True
    ),
}
