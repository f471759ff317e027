"""The administration: what its pages share, and those of the portal itself, which Django finds here."""

from portal.admin import imports, trail

__all__ = ["imports", "trail"]
