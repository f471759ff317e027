"""What the portal costs, against a floor measured in the same run: `make bench`.

    __main__.py      each database in turn, the exit code
    harness.py       a scratch database, interleaved runs, medians, the verdict
    data.py          invented offices, a round on all kinds of questions, its answers; the same every time
    results.py       all tables of a round against the bare SQL that they need
    crosstable.py    cross-tables against the bare SQL that they need
    importing.py     a responses file, with and without its preview, against csv.reader and bulk_create
    standing.py      what stands at a date, of a million status reports, against the fastest SQL that was found
    publications.py  all answers as CSV against one SELECT; a publication as Word and Excel
    survey_and_report.py, survey_and_report_project.py
                     the same export by django-survey-and-report, in an environment of its own

A measurement is a module with `measure()`, named in `__main__.MEASUREMENTS`. Ratios are compared with bounds, since
they hold on slow and fast machines alike; files that have no floor are compared with seconds.
"""
