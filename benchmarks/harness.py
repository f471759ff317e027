"""Measuring: a scratch database, interleaved runs, medians, the verdict."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from django.conf import settings
from django.db import connection

# Odd, so that the median is a run that happened.
RUNS = 7
FEW_RUNS = 3  # of what takes seconds


def do_nothing() -> None:
    pass


@dataclass(frozen=True)
class Comparison:
    """The portal's way and the least that any way must do, on the same data."""

    title: str
    floor_name: str
    floor: Callable[[], object]
    portal: Callable[[], object]
    bound: float
    # Puts things back before each run; not timed.
    reset: Callable[[], object] = do_nothing

    def run(self) -> bool:
        """Run both in turn, print medians and ratio; whether the ratio keeps to the bound."""
        gather_statistics()
        for warm_up in (self.floor, self.portal):
            self.timed(warm_up)
        # A B A B: what slows the machine down for a while slows both.
        pairs = [(self.timed(self.floor), self.timed(self.portal)) for _run in range(RUNS)]
        floor = median(pair[0] for pair in pairs)
        portal = median(pair[1] for pair in pairs)
        ratio = portal / floor
        holds = ratio <= self.bound
        print(
            f"  {self.title}\n"
            f"    {self.floor_name}: {floor * 1000:.0f} ms, portal: {portal * 1000:.0f} ms (medians of {RUNS})\n"
            f"    ratio {ratio:.2f}, bound {self.bound:g}: {'holds' if holds else 'BROKEN'}",
            flush=True,
        )
        return holds

    def timed(self, run: Callable[[], object]) -> float:
        self.reset()
        gc.collect()
        return timed(run)


@dataclass(frozen=True)
class Bounded:
    """What has no floor, and takes at most so many seconds on the machine that it runs on."""

    title: str
    run_once: Callable[[], object]
    seconds: float

    def run(self) -> bool:
        """Run it, print the median; whether it keeps to the bound."""
        self.run_once()
        took = median(timed(self.run_once) for _run in range(FEW_RUNS))
        holds = took <= self.seconds
        print(
            f"  {self.title}\n"
            f"    {took:.2f} s (median of {FEW_RUNS}), bound {self.seconds:g} s: {'holds' if holds else 'BROKEN'}",
            flush=True,
        )
        return holds


def timed(run: Callable[[], object]) -> float:
    """In seconds."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database of its own with the settings of the real one; dropped at the end."""
    name = f"portal_bench_{os.getpid()}"
    is_sqlite = connection.vendor == "sqlite"
    connection.settings_dict["TEST"]["NAME"] = str(settings.VAR / f"{name}.sqlite3") if is_sqlite else name
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def gather_statistics() -> None:
    """Let PostgreSQL plan for the data just written, as its autovacuum does within a minute."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def database_version() -> str:
    """The database's name and version, as a person would say it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        (version,) = cursor.fetchone()
    return f"{connection.display_name} {version}"
