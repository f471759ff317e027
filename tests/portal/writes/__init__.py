"""Every way to write to the portal, driven through its surface: by whom, and which audit rows it leaves."""

from importlib import import_module
from pkgutil import iter_modules

from tests.portal.writes.cases import CASES

__all__ = ["CASES"]

# Each module adds its own.
for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
