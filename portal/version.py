"""Which software this is, as publications print it."""

import tomllib
from functools import cache

from django.conf import settings


@cache
def software() -> str:
    """Name and version, from pyproject.toml."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return f"{project['name']} {project['version']}"
