"""Writers that go at the same moment, for tests marked `postgresql`."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

WRITERS = 20


def race(work: Callable[[int], object], writers: int = WRITERS) -> list[object]:
    """Let all writers go at the same moment; what each returned or raised."""
    barrier = threading.Barrier(writers)

    def run(number: int) -> object:
        try:
            barrier.wait()
            return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(run, range(writers)))
