"""Accounts: one's own, the way in, and the people of the offices.

An address is changed by administrators only; of django-allauth's pages these are the ones that the portal offers.
"""

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import list_usersessions
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views.decorators.http import require_http_methods, require_safe

from offices.views import account, join, people

# Second factors are their owner's; the portal's own pages end sessions and remove what was lost.
admin.site.unregister([Authenticator, UserSession])

urlpatterns = [
    path("", account.account, name="account"),
    path("sessions/", account.by_form(list_usersessions), name="usersessions_list"),
    # The people of the offices
    path("people/", people.people_list, name="people"),
    path("people/invite/", people.invite, name="people_invite"),
    path("people/invitations/<int:pk>/", people.handle_invitation, name="people_invitation"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/offices/<str:code>/", people.set_office_role, name="person_office"),
    path("people/<int:pk>/role/", people.set_portal_role, name="person_role"),
    path("people/<int:pk>/access/", people.set_access, name="person_access"),
    path("people/<int:pk>/second-factors/", people.remove_second_factors, name="person_factors"),
    path("invitation/<str:token>/", join.invitation, name="invitation"),
    # The way in
    path("login/", account.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),  # says that it is closed
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        require_http_methods(["GET", "HEAD", "POST"])(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    # Second factors
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/app/activate/", account.audited(account.using_code_up(totp.activate_totp)), name="mfa_activate_totp"),
    path("2fa/app/deactivate/", account.audited(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "2fa/codes/generate/",
        account.audited(account.keeping_new_codes(recovery_codes.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/codes/download/",
        login_required(require_safe(recovery_codes.download_recovery_codes)),
        name="mfa_download_recovery_codes",
    ),
    path("2fa/keys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path(
        "2fa/keys/add/",
        account.audited(account.once_a_key(webauthn.add_webauthn)),
        name="mfa_add_webauthn",
    ),
    path("2fa/keys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("2fa/keys/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/keys/<int:pk>/edit/", account.audited(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "2fa/keys/<int:pk>/remove/",
        account.audited(webauthn.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
]

if settings.OIDC_SERVER_URL:
    from allauth.socialaccount import models as sso_models
    from allauth.socialaccount import views as sso

    # The provider comes from the settings, and from nowhere else.
    admin.site.unregister([sso_models.SocialApp, sso_models.SocialAccount, sso_models.SocialToken])
    urlpatterns += [
        path("", include("allauth.socialaccount.providers.openid_connect.urls")),
        path("oidc/error/", sso.login_error, name="socialaccount_login_error"),
        path("oidc/cancelled/", sso.login_cancelled, name="socialaccount_login_cancelled"),
    ]
