"""What the portal costs, against a floor measured in the same run: `make bench`.

    __main__.py   each database in turn, the exit code
    harness.py    a scratch database, interleaved runs, medians, the verdict
    data.py       invented offices, a round on all five kinds of questions, its answers; the same every time
    results.py    all tables of a round against the bare SQL that they need
    importing.py  a responses file, with and without its preview, against csv.reader and bulk_create

A measurement is a module with `measure() -> list[Comparison]`, named in `__main__.MEASUREMENTS`. Ratios, not
seconds, are compared with bounds: they hold on slow and fast machines alike.
"""
