"""Reading the environment: what is missing is said in a sentence, with what to set.

See docs/decisions/0002-settings.md for why a bare checkout runs in development mode, and
why that is safe.
"""

import contextlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def strangers(hosts: Iterable[str]) -> list[str]:
    """The hosts that are not this machine; where there are none, only this machine is served."""
    return sorted(set(hosts) - set(LOCAL_HOSTS))


def read_flag(env: environ.Env, name: str, *, default: str) -> bool:
    """A switch of the environment: `0` or `1`, nothing else."""
    value = str(env.str(name, default=default))
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to 0 or 1.")
    return value == "1"


def secret_key(env: environ.Env, var: Path, *, debug: bool) -> str:
    """SECRET_KEY; in development one is made once and kept in `var/`."""
    if key := str(env.str("SECRET_KEY", default="")):
        return key
    if not debug:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. With DEBUG=0 set it to a long random text, for instance the"
            ' output of: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    path = var / "secret_key"
    if not path.exists():
        made = path.with_suffix(f".{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50), encoding="ascii")
        # Of two processes that start together the first one's key stands, whole.
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text(encoding="ascii")


def allowed_hosts(env: environ.Env, *, debug: bool) -> list[str]:
    """ALLOWED_HOSTS; in development this machine's own names and no other."""
    hosts = [str(host) for host in env.list("ALLOWED_HOSTS", default=[])]
    if not debug:
        if not hosts:
            raise ImproperlyConfigured(
                "ALLOWED_HOSTS is not set. With DEBUG=0 set it to the portal's host names,"
                " separated by commas, for instance ALLOWED_HOSTS=portal.example.org"
            )
        return hosts
    if others := strangers(hosts):
        raise ImproperlyConfigured(
            f"DEBUG is on (set or by default) and ALLOWED_HOSTS names {', '.join(others)}."
            " Set DEBUG=0 to serve other machines: debug pages show internals."
        )
    return LOCAL_HOSTS


def site_url(env: environ.Env, hosts: list[str], *, debug: bool) -> str:
    """SITE_URL; by default the first of ALLOWED_HOSTS, if it is the name of one host."""
    if url := str(env.str("SITE_URL", default="")):
        return url
    if debug:
        return "http://127.0.0.1:8000"
    if "*" in hosts[0] or hosts[0].startswith("."):
        raise ImproperlyConfigured(
            f"SITE_URL is not set, and the first of ALLOWED_HOSTS, {hosts[0]}, is no name of a host. Set it to where"
            " people reach the portal, for instance SITE_URL=https://portal.example.org"
        )
    return f"https://{hosts[0]}"


def database(env: environ.Env, var: Path) -> dict[str, Any]:
    """DATABASE_URL as Django wants it; a SQLite file gets the settings that keep it safe."""
    config: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{var / 'portal.sqlite3'}")
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            # Taking the write lock at once makes a second writer wait instead of failing half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        # A file, since Django's shared in-memory database answers "table is locked" beside a writer.
        file = Path(config["NAME"])
        config["TEST"] = {"NAME": str(file.with_name(f"test_{file.name}"))}
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config
