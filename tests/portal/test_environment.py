"""Settings from the environment: what is missing is said with what to set, and production is safe."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

SETTINGS = {"SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "DATABASE_URL", "SITE_URL", "EMAIL_URL", "CACHE_URL", "TIME_ZONE"}
SETTINGS |= {"MFA_REQUIRED", "TRUSTED_PROXIES", "OIDC_SERVER_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"}


def read_setting(expression: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression over the settings of a fresh process with this environment alone."""
    code = f"from portal import settings; print(({expression}))"
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


PRODUCTION = {"DEBUG": "0", "SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "portal.example.org"}


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DEBUG": "0", "ALLOWED_HOSTS": "portal.example.org"}, "SECRET_KEY is not set."),
        ({"DEBUG": "0", "SECRET_KEY": "k"}, "ALLOWED_HOSTS is not set."),
        ({"DEBUG": "yes"}, "DEBUG is 'yes'; set it to 0 or 1."),
        ({"DEBUG": "1", "ALLOWED_HOSTS": "portal.example.org"}, "Set DEBUG=0 to serve other machines"),
        ({"ALLOWED_HOSTS": "portal.example.org,localhost"}, "ALLOWED_HOSTS names portal.example.org."),
        ({"DEBUG": "0", "SECRET_KEY": "k", "ALLOWED_HOSTS": "*"}, "SITE_URL is not set"),
        ({"DEBUG": "0", "SECRET_KEY": "k", "ALLOWED_HOSTS": ".example.org,localhost"}, "SITE_URL is not set"),
    ],
)
def test_what_is_missing_is_named(environment, sentence):
    done = read_setting("settings.DEBUG", **environment)
    assert done.returncode != 0
    assert sentence in done.stderr


def test_production_needs_nothing_else_and_asks_for_https():
    done = read_setting(
        "settings.DEBUG, settings.SITE_URL, settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE,"
        " settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS, settings.DATABASES['default']['ENGINE']",
        **PRODUCTION,
    )
    assert done.stdout.strip() == str(
        (False, "https://portal.example.org", True, True, True, 31536000, "django.db.backends.sqlite3")
    )


def test_any_host_may_be_served_where_the_address_is_set():
    done = read_setting(
        "settings.ALLOWED_HOSTS, settings.SITE_URL",
        **{**PRODUCTION, "ALLOWED_HOSTS": "*", "SITE_URL": "https://portal.example.org"},
    )
    assert done.stdout.strip() == str((["*"], "https://portal.example.org"))


def test_a_bare_checkout_serves_this_machine_only_and_keeps_its_key():
    keys = {read_setting("settings.SECRET_KEY, settings.ALLOWED_HOSTS").stdout for _time in range(2)}
    assert len(keys) == 1
    assert "['localhost', '127.0.0.1', '[::1]']" in keys.pop()


def test_sqlite_waits_for_its_turn_and_keeps_what_it_was_told():
    done = read_setting("settings.DATABASES['default']['OPTIONS']")
    assert done.stdout.strip() == str(
        {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    )


def test_urls_of_the_environment():
    done = read_setting(
        "settings.DATABASES['default']['ENGINE'], settings.CACHES['default']['BACKEND'], settings.EMAIL_HOST",
        DATABASE_URL="postgres://someone@db.example.org/portal",
        CACHE_URL="rediscache://cache.example.org:6379/1",
        EMAIL_URL="smtp://mail.example.org:25",
    )
    assert done.stdout.strip() == str(
        ("django.db.backends.postgresql", "django.core.cache.backends.redis.RedisCache", "mail.example.org")
    )
