#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(f"{error}. Run `make setup`, then use .venv/bin/python manage.py.")
    try:
        execute_from_command_line(sys.argv)
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in `manage.py export_csv offices | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
