"""`manage.py survey_results SURVEY [--base …] [--group G] [--region R] [--format json|csv]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from offices.models import OfficeGroup, Region
from offices.narrowing import Narrowing
from surveys.documents import results_csv
from surveys.models import Survey
from surveys.results import Base, compute_results


class Command(BaseCommand):
    help = "Print the results of a round, the same figures as its results page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("survey", metavar="SURVEY")
        parser.add_argument("--base", choices=[base.value for base in Base], default=Base.RESPONDING.value)
        parser.add_argument("--group", metavar="G", help="only offices of this group")
        parser.add_argument("--region", choices=Region.values, help="only offices of this region")
        parser.add_argument("--format", choices=["json", "csv"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        survey = Survey.objects.select_related("recommendation_set").filter(key=options["survey"]).first()
        if survey is None:
            known = ", ".join(Survey.objects.values_list("key", flat=True)) or "none yet"
            raise CommandError(f"There is no round {options['survey']!r}. Rounds: {known}.")
        narrowing = Narrowing(self.group(options["group"]), Region(options["region"]) if options["region"] else None)
        results = compute_results(survey, base=Base(options["base"]), narrowing=narrowing)
        if options["format"] == "csv":
            for line in results_csv(results):
                self.stdout.write(line, ending="")
        else:
            self.stdout.write(json.dumps(results.as_json(), ensure_ascii=False, indent=2))

    def group(self, key: str | None) -> OfficeGroup | None:
        if key is None:
            return None
        group = OfficeGroup.objects.filter(key=key).first()
        if group is None:
            known = ", ".join(OfficeGroup.objects.order_by("key").values_list("key", flat=True)) or "none yet"
            raise CommandError(f"There is no group {key!r}. Groups: {known}.")
        return group
