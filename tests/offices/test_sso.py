"""Sign-in through an OpenID Connect provider is there where it is configured, and nowhere else."""

import os
import subprocess
import sys
from http import HTTPStatus

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import NoReverseMatch, reverse

PROVIDER = {
    "OIDC_SERVER_URL": "https://id.example.org",
    "OIDC_CLIENT_ID": "portal",
    "OIDC_CLIENT_SECRET": "s",
    "OIDC_NAME": "Example ID",
}


@pytest.mark.django_db
def test_without_settings_there_is_none(client):
    assert not apps.is_installed("allauth.socialaccount")
    assert client.get("/accounts/oidc/sso/login/").status_code == HTTPStatus.NOT_FOUND
    assert "Sign in with" not in client.get(reverse("account_login")).content.decode()
    with pytest.raises(NoReverseMatch):
        reverse("openid_connect_login", args=["sso"])


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # Where pytest-xdist runs this, its workers' variables must not reach the process inside.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**clean, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_settings_those_who_are_known_come_in(tmp_path):
    """In a process of its own: which apps there are is settled when Django starts."""
    cases = ["-m", "pytest", "-q", "-n", "0", "tests/offices/sso_cases.py"]
    done = run(*cases, DATABASE_URL=f"sqlite:///{tmp_path / 'sso.sqlite3'}", **PROVIDER)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "22 passed" in done.stdout


@pytest.mark.parametrize("missing", ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_what_is_missing_is_named(missing):
    given = {name: value for name, value in PROVIDER.items() if name != missing}
    done = run("-c", "import portal.settings", **given)
    assert done.returncode != 0
    assert missing in done.stderr
