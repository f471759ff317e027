"""Files that are whole or not there."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replace_when_complete(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that takes its name only once everything is in it, with the rights of the one before it.

    What a link leads to is replaced, not the link; a pipe or a device is written to.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    # Beside the target, since only a move within one file system is atomic.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
        made = Path(part.name)
        try:
            yield part
            part.close()
            made.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
