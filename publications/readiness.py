"""What still speaks against publishing: the list before the button, each point with its page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiu.models import Call, Update
from jiu.reports import ProgressReport
from offices.narrowing import FEWEST_OTHERS
from publications.contents import responding, undecided
from publications.models import Claim, Publication
from publications.reports import Verdict, compare_claims
from surveys.models import Response, Survey
from surveys.results import Results


@dataclass(frozen=True)
class Point:
    """One thing that is not ready, how often, and where it can be seen or mended."""

    code: str
    sentence: str
    count: int
    url: str


def points_of_results(results: Results) -> list[Point]:
    """What is open about a round's results; nothing where all is ready."""
    survey = results.survey
    progress = reverse("surveys:manage", args=[survey.key])
    points = [*still_open(results, progress)]
    drafts = Response.objects.filter(results.narrowing.condition("office"), survey=survey, state=Response.State.DRAFT)
    if in_hand := drafts.exclude(origin=Response.Origin.CARRIED).count():
        sentence = ngettext(
            "%(count)d office has answers in hand that are not submitted.",
            "%(count)d offices have answers in hand that are not submitted.",
            in_hand,
        )
        points.append(Point("in_hand", sentence % {"count": in_hand}, in_hand, progress))
    if waiting := len(undecided(results)):
        sentence = ngettext(
            "Of %(count)d text nobody has decided whether it becomes public; it will not be in the publication.",
            "Of %(count)d texts nobody has decided whether they become public; they will not be in the publication.",
            waiting,
        )
        url = reverse("publications:comments", args=[survey.key]) + "?show=undecided"
        points.append(Point("comments", sentence % {"count": waiting}, waiting, url))
    return [*points, *few_respondents(results), *nearly_published(results), *differing(claims_on_round(survey))]


def still_open(results: Results, url: str) -> Iterator[Point]:
    """The round itself, else those offices whose own last day is still to come."""
    today, survey = timezone.localdate(), results.survey
    if survey.closes_on >= today:
        sentence = _("The round is open until %(day)s: responses can still change.")
        yield Point("open", sentence % {"day": date_format(survey.closes_on)}, 1, url)
        return
    extended = survey.invitations.filter(results.narrowing.condition("office"), closes_on__gte=today)
    found = extended.aggregate(count=Count("pk"), last=Max("closes_on"))
    if found["count"]:
        sentence = ngettext(
            "%(count)d office has an extension until %(day)s: its response can still change.",
            "%(count)d offices have extensions, the last until %(day)s: their responses can still change.",
            found["count"],
        )
        words = {"count": found["count"], "day": date_format(found["last"])}
        yield Point("open", sentence % words, found["count"], url)


# What few offices stand behind: see docs/decisions/0010-few-offices.md


def few_respondents(results: Results) -> Iterator[Point]:
    """Of one office the figures are its answers."""
    count = results.responded or 0
    if 0 < count < FEWEST_OTHERS:
        sentence = ngettext(
            "Only %(count)d office responded among those counted: the figures are its answers.",
            "Only %(count)d offices responded among those counted: the figures come near to what each answered.",
            count,
        )
        asked = {"base": results.base.value, **results.narrowing.as_json()}
        query = urlencode({name: value for name, value in asked.items() if value})
        url = f"{reverse('surveys:results', args=[results.survey.key])}?{query}"
        yield Point("few", sentence % {"count": count}, count, url)


def nearly_published(results: Results) -> Iterator[Point]:
    """What stands of nearly the same offices: the one taken from the other leaves the answers of few."""
    published = standing(Publication.Kind.RESULTS, results.survey.key)
    now = {office.code for office in responding(results)} if published else set()
    for found in published:
        if 0 < (count := len(now ^ respondents_of(found))) < FEWEST_OTHERS:
            sentence = ngettext(
                "Its respondents differ by %(count)d office from those of number %(number)d, version %(version)d:"
                " whoever compares the figures learns what that office answered.",
                "Its respondents differ by %(count)d offices from those of number %(number)d, version %(version)d:"
                " whoever compares the figures comes near to what each of these answered.",
                count,
            )
            words = {"count": count, "number": found.number, "version": found.version}
            yield Point("near", sentence % words, count, address_of(found))


def respondents_of(publication: Publication) -> set[str]:
    """The codes of the offices whose responses it counts."""
    return {office["code"] for office in json.loads(publication.content).get("respondents", ())}


def claims_on_round(survey: Survey) -> QuerySet[Claim]:
    """What documents print of this round: a subject begins with the round's key, and more may follow."""
    of_round = Q(subject=survey.key) | Q(subject__startswith=f"{survey.key} ")
    return Claim.objects.filter(of_round, measure__startswith="survey.")


def points_of_report(report: ProgressReport) -> list[Point]:
    """What is open about a progress report."""
    points = []
    page = reverse("jiu:progress_report") + f"?as_at={report.as_at}&since={report.since}"
    if silent := len(report.silent):
        sentence = ngettext(
            "On %(count)d recommendation no update was received.",
            "On %(count)d recommendations no update was received.",
            silent,
        )
        points.append(Point("silent", sentence % {"count": silent}, silent, f"{page}&group=silent#rows"))
    call = Call.objects.filter(as_at=report.as_at).first()
    waiting = Update.objects.filter(call=call, state__in=[Update.State.ANSWERED, Update.State.SENT_BACK]).count()
    if call and waiting:
        sentence = ngettext(
            "%(count)d answer to the call is not accepted yet.",
            "%(count)d answers to the call are not accepted yet.",
            waiting,
        )
        points.append(Point("updates", sentence % {"count": waiting}, waiting, reverse("jiu:call", args=[call])))
    return [*points, *differing(claims_on_report(report))]


# What is published already


def published_results(results: Results) -> list[Publication]:
    """What stands of this round by the same base and filters."""
    now = results.as_json()
    asked = [now[name] for name in ("base", "filters")]
    return [found for found in standing(Publication.Kind.RESULTS, results.survey.key) if asked_in(found) == asked]


def asked_in(publication: Publication) -> list[object]:
    frozen = json.loads(publication.content).get("results", {})
    return [frozen.get(name) for name in ("base", "filters")]


def standing(kind: str, subject: str) -> list[Publication]:
    """The latest version of each publication of this round or report."""
    return list(Publication.objects.latest_versions().filter(kind=kind, subject=subject).order_by("number"))


def points_of_published(published: Iterable[Publication]) -> list[Point]:
    """Once more is seldom meant: whoever cites it would find two."""
    sentence = _("It is already published as number %(number)d, version %(version)d, of %(day)s.")
    return [
        Point(
            "published",
            sentence
            % {
                "number": found.number,
                "version": found.version,
                "day": date_format(timezone.localdate(found.published_at)),
            },
            1,
            address_of(found),
        )
        for found in published
    ]


def address_of(publication: Publication) -> str:
    return reverse("publications:version", args=[publication.number, publication.version])


def claims_on_report(report: ProgressReport) -> QuerySet[Claim]:
    """What documents print as at the date of this report, or of its period."""
    of_period = Q(since=report.since) | Q(since=None)
    return Claim.objects.filter(of_period, measure__startswith="jiu.", as_at=report.as_at)


def differing(claims: QuerySet[Claim]) -> list[Point]:
    """A document that says otherwise is a reason to look twice, on either side."""
    differing = [found for found in compare_claims(claims) if found.verdict == Verdict.DIFFERS]
    if not differing:
        return []
    sentence = ngettext(
        "%(count)d figure of an official document differs from the data.",
        "%(count)d figures of official documents differ from the data.",
        len(differing),
    )
    url = reverse("claims:list") + f"?verdict={Verdict.DIFFERS}"
    return [Point("claims", sentence % {"count": len(differing)}, len(differing), url)]
