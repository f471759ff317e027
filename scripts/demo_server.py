"""How `make demo` serves: the production server, on this machine only."""

import os
import sys
from typing import Any

bind = f"127.0.0.1:{os.environ['PORT']}"
# One process, since the default cache lives in its memory.
workers = 1
threads = 8
# A large import is checked within one request.
timeout = 120
loglevel = "warning"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Say where the portal is, once it can be reached."""
    sys.stdout.write(f"The portal runs on http://{bind} (Ctrl-C stops it)\n")
    sys.stdout.flush()
