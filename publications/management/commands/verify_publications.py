"""`manage.py verify_publications`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from publications.verification import Finding, verify


class Command(BaseCommand):
    help = (
        "Recompute the hashes of all publications and, where the data still exist, their figures."
        " Exits with 1 if anything published was altered or is missing; figures that changed since are told only."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        altered = checked = 0
        for finding in verify():
            checked += 1
            altered += not finding.is_intact
            self.report(finding)
        self.stdout.write(f"publications: {checked} checked, {altered} altered")
        if altered:
            sys.exit(1)

    def report(self, finding: Finding) -> None:
        for fault in finding.faults:
            self.stderr.write(f"{finding.name}: {fault}")
        if finding.is_intact:
            figures = {
                True: "the data give the same figures",
                False: "the data give other figures by now",
                None: "the data are no longer there",
            }
            self.stdout.write(f"{finding.name}: intact; {figures[finding.same_figures]}")
