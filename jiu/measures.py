"""The figures of the JIU's recommendations by name, to hold them against what a document prints.

Each figure is one of `jiu.reports`, read at the dates asked, or a count of rows that the portal holds
as they are (reviews, JIU reports, their documents). Subjects: `LB`, `EH`, a symbol such as
`JIU/REP/2021/6`, a symbol and one of the two, or what a measure says of its own.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiu.models import BUREAU, ISSUER, Review
from jiu.reports import ADDRESSEES, Line, OfSet, ProgressReport, by_set, progress_report
from jiu.reports.lines import OPEN
from jiu.reports.parts import OfYear, make_spread
from portal.measures import NONE, Asked, CannotTell, Figure, Row, as_list, register
from portal.numerals import roman
from recommendations.models import CLOSING_ACCEPTANCES, Implementation, RecommendationSet, StatusReport

SINCE = re.compile(r"\Asince (?P<year>[0-9]{4})\Z")
SHARE = re.compile(
    r"\A(?P<what>implemented|not relevant or not accepted|outstanding) of (?P<base>[0-9]{1,6})"
    r" since (?P<year>[0-9]{4})\Z"
)
PLACES_OF: dict[str, Collection[str]] = {
    "implemented": [Implementation.IMPLEMENTED],
    "not relevant or not accepted": list(CLOSING_ACCEPTANCES),
    "outstanding": list(OPEN),
}
PROGRAMME = re.compile(r"\A(?P<year>[0-9]{4}) programme of work\Z")


# What is asked


def report_of(asked: Asked) -> ProgressReport:
    """The progress report at the dates asked, computed once for all measures."""
    as_at, since = asked.as_at, asked.since
    if as_at is None or since is None or since >= as_at:
        raise CannotTell(_("The claim does not name two dates, the earlier one as “since”."))
    report = asked.once(("jiu.report", as_at, since), lambda: progress_report(as_at=as_at, since=since))
    if not report.lines:
        raise CannotTell(
            _("The portal holds no status of a recommendation of the JIU as at %(date)s or before.")
            % {"date": in_full(as_at)}
        )
    return report


def report_with_earlier(asked: Asked) -> ProgressReport:
    """The same for what compares the two dates: where nothing is held of the earlier one, all would be new."""
    report = report_of(asked)
    if all(line.is_new for line in report.lines):
        raise CannotTell(
            _("The portal holds no status as at %(date)s or before, so that nobody can tell what changed since.")
            % {"date": in_full(report.since)}
        )
    return report


def addressed(asked: Asked, lines: Iterable[Line]) -> list[Line]:
    """Of the lines those that the subject asks for: `LB`, `EH`, or blank for both."""
    if asked.subject not in {*ADDRESSEES, ""}:
        raise no_subject(asked)
    return [line for line in lines if asked.subject in {"", line.recommendation.addressee}]


def of_one_report(asked: Asked, report: ProgressReport) -> list[Line]:
    """The lines of the JIU report that the subject names, perhaps to one addressee only, closed ones too.

    A report that has none for that addressee gives none; one without any status, CannotTell.
    """
    symbol, addressee = split_subject(asked)
    lines = [line for line in report.lines if line.recommendation.recommendation_set.symbol == symbol]
    if not lines:
        raise CannotTell(
            _("The portal holds no status of a recommendation of %(symbol)s as at %(date)s or before.")
            % {"symbol": symbol, "date": in_full(report.as_at)}
        )
    return [line for line in lines if addressee in {"", line.recommendation.addressee}]


def split_subject(asked: Asked) -> tuple[str, str]:
    """`JIU/REP/2021/6 LB` as symbol and addressee, which can be blank."""
    symbol, _space, rest = asked.subject.partition(" ")
    if not symbol or rest not in {*ADDRESSEES, ""}:
        raise no_subject(asked)
    return symbol, rest


def no_subject(asked: Asked) -> CannotTell:
    return CannotTell(_("The measure does not know the subject “%(subject)s”.") % {"subject": asked.subject})


def in_full(date: datetime.date) -> str:
    return date_format(date, "DATE_FORMAT")


# Rows


def row_of(line: Line, *, is_counted: bool = True) -> Row:
    """A recommendation: what stands, what stood before; it leads to what the Bureau stated."""
    item = line.recommendation
    words = [words_of(line.current)]
    if line.previous is None:
        words.append(_("new"))
    elif words_of(line.previous) != words[0]:
        before = {"status": words_of(line.previous), "date": in_full(line.since)}
        words.append(_("%(status)s as at %(date)s") % before)
    label = _("%(recommendation)s (%(addressee)s): %(statuses)s") % {
        "recommendation": item,
        "addressee": item.addressee or "–",
        "statuses": "; ".join(words),
    }
    url = reverse("status:detail", args=[BUREAU, item.recommendation_set.key, item.number])
    return Row(label, url, is_counted)


def words_of(report: StatusReport) -> str:
    return report.get_implementation_display() or report.get_acceptance_display() or _("not stated")


def set_row(found: OfSet) -> Row:
    """A JIU report and which of its recommendations are meant."""
    names = {"symbol": found.set.symbol, "title": found.set.title, "numbers": as_list(found.numbers)}
    return Row(_("%(symbol)s, %(title)s: %(numbers)s") % names, set_url(found.set))


def set_url(found: RecommendationSet) -> str:
    return reverse("recommendations:set", args=[found.key])


def lines_figure(counted: Collection[Line], shown: Iterable[Line] = ()) -> Figure:
    """How many; `shown` stand beside those counted."""
    return Figure(str(len(counted)), rows=rows_of(counted, shown))


def numbers_figure(counted: Collection[Line], shown: Iterable[Line] = ()) -> Figure:
    return Figure(as_list(line.recommendation.number for line in counted), rows=rows_of(counted, shown))


def rows_of(counted: Collection[Line], shown: Iterable[Line]) -> tuple[Row, ...]:
    meant = {line.recommendation.pk for line in counted}
    return tuple(row_of(line, is_counted=line.recommendation.pk in meant) for line in list(shown) or counted)


def sets_figure(lines: Iterable[Line]) -> Figure:
    """How many JIU reports the lines are of."""
    found = by_set(lines)
    return Figure(str(len(found)), rows=tuple(map(set_row, found)))


# Figures of a progress report


def outstanding(asked: Asked) -> Figure:
    return lines_figure(addressed(asked, report_of(asked).outstanding))


def outstanding_years(asked: Asked) -> Figure:
    """From the year of the oldest JIU report with something outstanding to that of the newest."""
    found = by_set(addressed(asked, report_of(asked).outstanding))
    known = [one.set.year for one in found if one.set.year]
    if not known:
        return Figure(NONE)
    return Figure(low=min(known), high=max(known), rows=tuple(map(set_row, found)))


def active_reports(asked: Asked) -> Figure:
    return sets_figure(addressed(asked, report_of(asked).outstanding))


def active(asked: Asked) -> Figure:
    """Of one JIU report, what is outstanding; its other recommendations stand beside."""
    lines = of_one_report(asked, report_of(asked))
    return lines_figure([line for line in lines if line.is_outstanding], lines)


def new(asked: Asked) -> Figure:
    return lines_figure(addressed(asked, report_with_earlier(asked).new))


def new_reports(asked: Asked) -> Figure:
    return sets_figure(addressed(asked, report_with_earlier(asked).new))


def new_numbers(asked: Asked) -> Figure:
    """Which recommendations of one JIU report are new; the others stand beside."""
    lines = of_one_report(asked, report_with_earlier(asked))
    return numbers_figure([line for line in lines if line.is_new], lines)


def implemented(asked: Asked) -> Figure:
    """How many recommendations of one JIU report were implemented in the period."""
    lines = of_one_report(asked, report_with_earlier(asked))
    done = [line for line in lines if line.is_closed_in_period and is_implemented(line)]
    return lines_figure(done, lines)


def is_implemented(line: Line) -> bool:
    return line.current.implementation == Implementation.IMPLEMENTED


def endorsements(asked: Asked) -> Figure:
    """Which recommendations of one JIU report the committee is to endorse the closing of."""
    lines = of_one_report(asked, report_with_earlier(asked))
    return numbers_figure([line for line in lines if line.awaits_endorsement], lines)


def endorsement_reports(asked: Asked) -> Figure:
    found = report_with_earlier(asked).endorsements
    return Figure(str(len(found)), rows=tuple(map(set_row, found)))


def listed_reports(asked: Asked) -> Figure:
    return sets_figure(addressed(asked, report_with_earlier(asked).listed))


def years(asked: Asked) -> Figure:
    """The years of the JIU reports in the annex for an addressee, the newest first: each has a section."""
    sections = sections_of(asked, asked.subject)
    numbers = [found.year for found in sections if found.year]
    return Figure(as_list(numbers), rows=tuple(set_row(one) for found in sections for one in found.sets))


def sections_of(asked: Asked, addressee: str) -> tuple[OfYear, ...]:
    if addressee not in ADDRESSEES:
        raise no_subject(asked)
    annexes = {annex.addressee: annex for annex in report_with_earlier(asked).annexes}
    return annexes[addressee].years


def section(asked: Asked) -> Figure:
    """Which section of the annex a year has (`EH 2019`), as a Roman numeral."""
    addressee, _space, year = asked.subject.partition(" ")
    if not (year.isascii() and year.isdigit()):
        raise no_subject(asked)
    sections = sections_of(asked, addressee)
    number = next((number for number, found in enumerate(sections, start=1) if str(found.year) == year), None)
    if number is None:
        raise CannotTell(_("No JIU report of %(year)s is listed at these dates.") % {"year": year})
    rows = (section_row(one, found, is_counted=one == number) for one, found in enumerate(sections, start=1))
    return Figure(roman(number), rows=tuple(rows))


def section_row(number: int, found: OfYear, *, is_counted: bool) -> Row:
    names = {
        "numeral": roman(number),
        "year": found.year or "–",
        "symbols": ", ".join(one.set.symbol for one in found.sets),
    }
    return Row(_("%(numeral)s: %(year)s (%(symbols)s)") % names, is_counted=is_counted)


def stated_on(asked: Asked) -> Figure:
    """The date as at which the Bureau stated what is listed; where there are several, the last."""
    lines = addressed(asked, report_with_earlier(asked).listed)
    dates = sorted({line.current.as_at for line in lines}, reverse=True)
    if not dates:
        return Figure(NONE)
    return Figure(dates[0].isoformat(), rows=tuple(date_row(date, lines, dates[0]) for date in dates))


def date_row(date: datetime.date, lines: Iterable[Line], last: datetime.date) -> Row:
    count = sum(line.current.as_at == date for line in lines)
    label = _("%(date)s: statuses of %(count)d recommendations") % {"date": in_full(date), "count": count}
    return Row(label, is_counted=date == last)


# Figures of all that were ever made, of which the portal holds some


def held_since(asked: Asked, year: str) -> list[Line]:
    return [line for line in report_of(asked).lines if (line.recommendation.recommendation_set.year or 0) >= int(year)]


def made(asked: Asked) -> Figure:
    """How many were made since a year (`since 2010`): the portal does not know what it does not hold."""
    found = SINCE.match(asked.subject)
    if not found:
        raise no_subject(asked)
    held = len(held_since(asked, found["year"]))
    raise CannotTell(
        _("%(held)d of %(printed)s held: the portal has those that a progress report listed, and cannot count others.")
        % {"held": held, "printed": asked.printed or "?"}
    )


def share(asked: Asked) -> Figure:
    """Per cent of all that were made since a year (`implemented of 408 since 2010`)."""
    found = SHARE.match(asked.subject)
    if not found:
        raise no_subject(asked)
    held, base = held_since(asked, found["year"]), int(found["base"])
    if len(held) != base:
        raise CannotTell(
            _("%(held)d of %(base)d held: a share of these would be no share of all.")
            % {"held": len(held), "base": base}
        )
    places = PLACES_OF[found["what"]]
    counted = [line for line in held if line.place in places]
    return Figure(str(make_spread(held).of(places).percent), rows=rows_of(counted, ()))


# JIU reports as such, and what belongs to them


def sets_by_symbol(asked: Asked) -> dict[str, RecommendationSet]:
    sets = RecommendationSet.objects.filter(issuer=ISSUER).prefetch_related("documents")
    return asked.once("jiu.sets", lambda: {found.symbol: found for found in sets})


def find_set(asked: Asked, symbol: str) -> RecommendationSet:
    try:
        return sets_by_symbol(asked)[symbol]
    except KeyError:
        raise CannotTell(_("The portal knows no JIU report %(symbol)s.") % {"symbol": symbol or "–"}) from None


def issued_on(asked: Asked) -> Figure:
    found = find_set(asked, asked.subject)
    if not found.issued_on:
        raise CannotTell(_("The portal does not know when %(symbol)s was issued.") % {"symbol": found.symbol})
    return Figure(found.issued_on, rows=(issue_row(found),))


def issue_row(found: RecommendationSet) -> Row:
    names = {"symbol": found.symbol, "title": found.title, "date": found.issued_on}
    return Row(_("%(symbol)s, %(title)s: issued %(date)s") % names, set_url(found))


def issued_reports(asked: Asked) -> Figure:
    """The JIU reports issued between the dates, relevant to WIPO or not: told only if some are held that are not."""
    if asked.as_at is None or asked.since is None:
        raise CannotTell(_("The claim does not name two dates, the earlier one as “since”."))
    first, last = asked.since.isoformat(), asked.as_at.isoformat()
    found = [item for item in sets_by_symbol(asked).values() if first < item.issued_on <= last]
    if all(item.is_relevant for item in found):
        raise CannotTell(
            _("The portal holds only JIU reports that are relevant to WIPO: %(held)d of %(printed)s of this period.")
            % {"held": len(found), "printed": asked.printed or "?"}
        )
    return Figure(str(len(found)), rows=tuple(map(issue_row, found)))


def document(asked: Asked) -> Figure:
    """Whether a JIU report's document is there (`JIU/REP/2021/6 comments`): its state as held."""
    symbol, _space, kind = asked.subject.partition(" ")
    found = find_set(asked, symbol)
    wanted = kind.casefold()
    documents = [item for item in found.documents.all() if wanted in {item.kind.casefold(), item.title.casefold()}]
    if not documents:
        return Figure(NONE, rows=(Row(str(found), set_url(found), is_counted=False),))
    if any(not item.state for item in documents):
        raise CannotTell(
            _("The portal does not know whether this document of %(symbol)s is there.") % {"symbol": symbol}
        )
    states = {item.state for item in documents}
    rows = tuple(Row(f"{item}: {item.state}", set_url(found)) for item in documents)
    return Figure("; ".join(sorted(states)), rows=rows)


# Reviews


def reviews_of(asked: Asked) -> list[Review]:
    found = asked.once("jiu.reviews", lambda: list(Review.objects.all()))
    if not found:
        raise CannotTell(_("The portal holds no reviews of the JIU."))
    return found


def reviews(asked: Asked) -> Figure:
    """How many: of a programme (`2022 programme of work`), of a stage (`ongoing`), or all."""
    found = reviews_of(asked)
    if programme := PROGRAMME.match(asked.subject):
        return reviews_figure([item for item in found if item.programme_of_work == int(programme["year"])])
    if asked.subject in Review.Stage.values:
        return reviews_figure([item for item in found if item.stage == asked.subject])
    if asked.subject:
        raise no_subject(asked)
    return reviews_figure(found)


def reviews_of_reference(asked: Asked) -> Figure:
    """How many reviews a reference stands for."""
    return reviews_figure(with_reference(asked))


def programme(asked: Asked) -> Figure:
    """Of which programme of work the reviews with a reference are, by its year."""
    found = with_reference(asked)
    programmes = sorted({item.programme_of_work for item in found if item.programme_of_work})
    return Figure(as_list(programmes), rows=tuple(map(review_row, found)))


def with_reference(asked: Asked) -> list[Review]:
    found = [item for item in reviews_of(asked) if item.reference == asked.subject]
    if not found:
        raise CannotTell(_("The portal holds no review %(reference)s.") % {"reference": asked.subject or "–"})
    return found


def reviews_figure(found: Collection[Review]) -> Figure:
    return Figure(str(len(found)), rows=tuple(map(review_row, found)))


def review_row(item: Review) -> Row:
    names = {
        "review": item,
        "stage": item.get_stage_display(),
        "year": item.programme_of_work or "–",
    }
    return Row(_("%(review)s (%(stage)s; programme of work %(year)s)") % names, reverse("jiu:reviews"))


MEASURES = {
    "jiu.issued_reports": (gettext_lazy("JIU reports issued in the period, relevant or not"), issued_reports),
    "jiu.new": (gettext_lazy("New recommendations"), new),
    "jiu.new_reports": (gettext_lazy("JIU reports with new recommendations"), new_reports),
    "jiu.new_numbers": (gettext_lazy("New recommendations of one JIU report"), new_numbers),
    "jiu.outstanding": (gettext_lazy("Outstanding recommendations"), outstanding),
    "jiu.outstanding_years": (gettext_lazy("Years of the JIU reports with something outstanding"), outstanding_years),
    "jiu.active_reports": (gettext_lazy("JIU reports with something outstanding"), active_reports),
    "jiu.active": (gettext_lazy("Outstanding recommendations of one JIU report"), active),
    "jiu.implemented": (gettext_lazy("Recommendations of one JIU report implemented in the period"), implemented),
    "jiu.endorsements": (gettext_lazy("Recommendations whose closing is to be endorsed"), endorsements),
    "jiu.endorsement_reports": (gettext_lazy("JIU reports with a closing to be endorsed"), endorsement_reports),
    "jiu.listed_reports": (gettext_lazy("JIU reports in the progress report"), listed_reports),
    "jiu.years": (gettext_lazy("Years of the JIU reports in an annex"), years),
    "jiu.section": (gettext_lazy("Number of an annex's section for one year"), section),
    "jiu.stated_on": (gettext_lazy("Date as at which an annex's statuses were stated"), stated_on),
    "jiu.made": (gettext_lazy("Recommendations ever made"), made),
    "jiu.share": (gettext_lazy("Share of the recommendations ever made, in per cent"), share),
    "jiu.issued_on": (gettext_lazy("Date of issue of a JIU report"), issued_on),
    "jiu.document": (gettext_lazy("State of a document of a JIU report"), document),
    "jiu.reviews": (gettext_lazy("Reviews of the JIU"), reviews),
    "jiu.reviews_of_reference": (gettext_lazy("Reviews that a reference stands for"), reviews_of_reference),
    "jiu.programme": (gettext_lazy("Programme of work of a review"), programme),
}


def register_all() -> None:
    for name, (title, measure) in MEASURES.items():
        register(name, title, measure)
