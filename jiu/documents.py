"""The progress report as a document, made of the report's own figures and rows.

Labels and headings are those that `jiu.reading` reads: the document that the portal writes comes back as
the rows that it was made from. Where no official wording is held, our summary stands under a label of its
own, so that nobody takes it for official.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Mapping
from itertools import chain

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from jiu.models import ReportSentence
from jiu.overview import pipeline, timeliness
from jiu.reports import PLACES, Line, OfSet, ProgressReport, sentences
from jiu.reports.parts import Annex, Chart, Spread, in_words
from jiu.reports.sentences import LANGUAGE, SENTENCES, Sentence, figures_of, fill
from portal.figures import with_share
from portal.numerals import roman
from portal.word.blocks import Block, Document, Entry, Heading, Paragraph, Table
from portal.word.blocks import Chart as Picture
from recommendations.models import SetDocument

# A list of at most so many items, one line each, is kept on one page.
ITEMS_THAT_STAY = 20


@override(LANGUAGE)
def progress_document(report: ProgressReport) -> Document:
    """The whole report, in English whatever language is active: the committee gets one document."""
    return Document(
        title=_("Progress report on the implementation of the recommendations of the Joint Inspection Unit"),
        subtitle=_("Status as at %(as_at)s, and what changed since %(since)s") % dates_of(report),
        language=LANGUAGE,
        head=_("JIU recommendations: status as at %(as_at)s") % dates_of(report),
        blocks=tuple(chain(introduction(report), proposal(report), annexes(report), active_reports(report))),
    )


def dates_of(report: ProgressReport) -> dict[str, str]:
    return {"as_at": date_format(report.as_at), "since": date_format(report.since)}


# The numbered paragraphs


class Text:
    """The sentences of one report: as reworded, else as the portal words them."""

    def __init__(self, report: ProgressReport) -> None:
        self.figures = figures_of(report)
        self.reworded: Mapping[str, str] = dict(rewordings(report).values_list("name", "text"))

    def __call__(self, sentence: Sentence, *, emphasis: bool = False, leads: bool = False) -> Paragraph:
        text = self.reworded.get(sentence.name) or sentence.words
        words = fill(text, self.figures)
        return Paragraph(words, number=sentence.depth, emphasis=emphasis, leads=leads, name=sentence.name)


def rewordings(report: ProgressReport) -> QuerySet[ReportSentence]:
    known = ReportSentence.objects.filter(as_at=report.as_at, since=report.since)
    return known.filter(name__in=SENTENCES)


def introduction(report: ProgressReport) -> Iterator[Block]:
    text = Text(report)
    yield from (text(sentence) for sentence in (sentences.OVERVIEW, sentences.ANNEXES, sentences.NEW, sentences.CLOSED))
    yield text(sentences.OUTSTANDING)
    if report.silent:
        yield text(sentences.SILENT)
    yield from reviews(report, text)
    shown = places_in(report.charts[0])
    for chart in report.charts:
        yield from charted(chart, shown)
    yield text(sentences.OVERALL)
    yield from overall(report)


def reviews(report: ProgressReport, text: Text) -> Iterator[Block]:
    """The pipeline as it is today, and how timely questionnaires were answered by the date of the report."""
    rows = tuple(
        (review.reference, review.title, str(review.programme_of_work or "–"), stage.label)
        for stage in pipeline()
        if stage.code != "completed"
        for programme in stage.programmes
        for review in programme.reviews
    )
    if rows:
        yield text(sentences.REVIEWS)
        columns = (_("Reference"), _("Review"), _("Programme of work"), _("Stage"))
        # Of a stage no date is held: what stood on the day of the report nobody can tell.
        caption = _("Reviews of the JIU planned and under way on %(today)s") % {
            "today": date_format(timezone.localdate())
        }
        yield Table(caption, columns, rows, widths=(2, 8, 3, 2))
    answers = timeliness(report.as_at)
    if answers.lines:
        yield text(sentences.TIMELINESS)
        lines = [*((str(line.year), line) for line in answers.lines), (_("All"), answers.total)]
        yield Table(
            _("Questionnaires by the year in which they were due"),
            (_("Year"), _("Due"), _("Answered"), _("By their date"), _("Later"), _("Days on average")),
            tuple(
                (
                    year,
                    str(line.due),
                    str(line.answered),
                    str(line.on_time),
                    str(line.late),
                    "–" if line.mean is None else number_format(line.mean, 1),
                )
                for year, line in lines
            ),
            figures=(1, 2, 3, 4, 5),
        )


def charted(chart: Chart, shown: list[str]) -> Iterator[Block]:
    """A picture by the year of the JIU report, and the table that says the same."""
    title = chart_title(chart.addressee)
    years = [year_label(spread.year) for spread in chart.years]
    if chart.whole.n:
        yield Picture(
            title,
            tuple(years),
            tuple((place_label(p), tuple(spread.shares[p].count for spread in chart.years)) for p in shown),
            description=_("Bars by year of the JIU report; the table below has the same figures."),
        )
    rows = [*zip(years, chart.years, strict=True), (_("All"), chart.whole)]
    yield Table(
        in_figures(title),
        (_("Year"), _("n"), *map(place_label, shown)),
        tuple((year, str(spread.n), *(cell(spread, place) for place in shown)) for year, spread in rows),
        figures=tuple(range(1, len(shown) + 2)),
    )


def overall(report: ProgressReport) -> Iterator[Block]:
    """All years together: one bar for all, and one for each addressee."""
    title = _("All recommendations held, whatever their year")
    labels = [capfirst(addressee_name(chart.addressee)) for chart in report.charts]
    shown = places_in(report.charts[0])
    if report.lines:
        yield Picture(
            title,
            tuple(labels),
            tuple((place_label(p), tuple(c.whole.shares[p].count for c in report.charts)) for p in shown),
            description=_("Bars by addressee; the table below has the same figures."),
            horizontal=True,
        )
    yield Table(
        in_figures(title),
        (_("Addressed to"), _("n"), *map(place_label, shown)),
        tuple(
            (label, str(chart.whole.n), *(cell(chart.whole, place) for place in shown))
            for label, chart in zip(labels, report.charts, strict=True)
        ),
        figures=tuple(range(1, len(shown) + 2)),
    )


def in_figures(title: str) -> str:
    return _("%(title)s: counts, and their share of n") % {"title": title}


def places_in(chart: Chart) -> list[str]:
    """Where something stands, and always the three that everybody looks for: the same in every picture."""
    always = {"implemented", "in_progress", "not_started"}
    return [place for place in PLACES if place in always or chart.whole.shares[place].count]


def place_label(place: str) -> str:
    return capfirst(str(PLACES[place]))


def cell(spread: Spread, place: str) -> str:
    share = spread.shares[place]
    return with_share(share.count, share.percent)


def year_label(year: int | None) -> str:
    return str(year) if year else _("no year")


def addressee_name(addressee: str) -> str:
    return {"LB": _("legislative bodies"), "EH": _("the executive head")}.get(addressee) or _("all addressees")


def chart_title(addressee: str) -> str:
    if not addressee:
        return _("All recommendations by year of the JIU report")
    return _("Recommendations to %(addressee)s by year of the JIU report") % {"addressee": addressee_name(addressee)}


# The decision


def proposal(report: ProgressReport) -> Iterator[Block]:
    text = Text(report)
    yield text(sentences.PROPOSAL, leads=True)
    yield text(sentences.DECISION, emphasis=True, leads=True)
    noted = text(sentences.NOTED, emphasis=True, leads=True)
    if report.endorsements:
        yield noted
        yield text(sentences.ENDORSED, emphasis=True, leads=True)
        yield from endorsed(report)
    else:
        yield dataclasses.replace(noted, text=and_then(noted.text))
    yield text(sentences.CALLED_ON, emphasis=True)


def endorsed(report: ProgressReport) -> Iterator[Paragraph]:
    """What is to be endorsed, one report an item; a list that fits on a page stays on one."""
    *most, last = map(endorsement, report.endorsements)
    stays = len(most) < ITEMS_THAT_STAY
    yield from (Paragraph(f"{item};", style="bullet", emphasis=True, leads=stays) for item in most)
    yield Paragraph(and_then(last), style="bullet", emphasis=True, leads=True)


def and_then(part: str) -> str:
    """The last but one part of a decision; somebody may have reworded it with its end."""
    return _("%(part)s; and") % {"part": part.removesuffix(" and").rstrip(" ;.")}


def endorsement(found: OfSet) -> str:
    """`JIU/REP/2021/6 (Recommendations 1, 2, 3, 5 and 6)`."""
    if len(found.numbers) == 1:
        return _("%(symbol)s (Recommendation %(number)s)") % {"symbol": found.set.symbol, "number": found.numbers[0]}
    return _("%(symbol)s (Recommendations %(numbers)s)") % {
        "symbol": found.set.symbol,
        "numbers": in_words(found.numbers),
    }


# Annexes I and II


def annexes(report: ProgressReport) -> Iterator[Block]:
    for number, annex in enumerate((found for found in report.annexes if found.addressee), start=1):
        yield Heading(annex_title(number, annex, report), 1, starts_page=True)
        if not annex.lines:
            yield Paragraph(_("Nothing is to be reported."))
        for place, of_year in enumerate(annex.years, start=1):
            yield Heading(section_title(place, of_year.year), 2)
            for found in of_year.sets:
                yield from of_report(found)


def annex_title(number: int, annex: Annex, report: ProgressReport) -> str:
    names = {"roman": roman(number), **dates_of(report)}
    if annex.addressee == "LB":
        return _("Annex %(roman)s: Recommendations addressed to legislative bodies – status as at %(as_at)s") % names
    return _("Annex %(roman)s: Recommendations addressed to executive heads – status as at %(as_at)s") % names


def section_title(number: int, year: int | None) -> str:
    names = {"roman": roman(number), "year": year_label(year)}
    return _("%(roman)s. Recommendations from JIU reviews held in %(year)s") % names


def of_report(found: OfSet) -> Iterator[Block]:
    yield Heading(f"{found.set.symbol} “{found.set.title}”", 3)
    if len(found.set.issued_on) == len("2022-03-17"):
        yield Paragraph(
            _("This report was issued by the JIU on %(day)s.") % {"day": issue_day(found)}, style="note", leads=True
        )
    yield from (entry(line) for line in found.lines)


def issue_day(found: OfSet) -> str:
    year, month, day = found.set.issued_on.split("-")
    return date_format(datetime.date(int(year), int(month), int(day)))


def entry(line: Line) -> Entry:
    """One recommendation, laid out as the committee knows it."""
    item, now = line.recommendation, line.current
    rows = [(_("Recommendation %(number)d") % {"number": item.number}, item.official_text or not_held(), "")]
    if item.summary and not item.official_text:
        rows.append((_("Summary"), item.summary, ""))
    if words := deadline(line):
        rows.append((_("Deadline"), words, ""))
    if now.summary and not now.assessment:
        rows.append((_("Summary of assessment"), now.summary, ""))
    else:
        rows.append((_("Management/Focal Point Assessment"), now.assessment, ""))
    officers = "; ".join(officer.title for officer in line.officers)
    return Entry(
        (
            *rows,
            (_("Acceptance"), capfirst(now.get_acceptance_display()), note(line)),
            (_("Implementation"), capfirst(now.get_implementation_display()), ""),
            (_("Responsible Officer"), officers, ""),
        )
    )


def deadline(line: Line) -> str:
    """`by the end of 2023 (31 December 2023)`; blank where none is named."""
    item = line.recommendation
    day = date_format(item.due_on) if item.due_on else ""
    return f"{item.due_text} ({day})" if item.due_text and day else item.due_text or day


def not_held() -> str:
    """Where the official text would stand; brackets tell whoever reads it back that it is none."""
    return _("[official text not held]")


def note(line: Line) -> str:
    """What changed since the earlier date, or that there is none, in the words that reading knows."""
    before = line.previous
    if before is None:
        return _("New in this report")
    if not line.update_received:
        return _("No update received")
    parts = []
    is_same = line.assessment_updated is not None
    if is_same:
        parts.append(_("No change from previous status"))
    stated = [before.get_acceptance_display(), before.get_implementation_display()]
    if any(stated) and not (is_same and stated == ["", line.current.get_implementation_display()]):
        parts.append(_("Previously %(statuses)s") % {"statuses": ", ".join(f"“{value}”" for value in stated if value)})
    if line.assessment_updated:
        parts.append(_("Assessment has been updated"))
    return ". ".join(parts)


# Annex III


def active_reports(report: ProgressReport) -> Iterator[Block]:
    title = _("Annex III: List of active JIU reports as at %(as_at)s") % dates_of(report)
    yield Heading(title, 1, starts_page=True)
    if not report.active_reports:
        yield Paragraph(_("No JIU report has anything outstanding."))
        return
    documents: dict[int, list[str]] = {}
    sets = [found.set.pk for found in report.active_reports]
    for document in SetDocument.objects.filter(recommendation_set__in=sets).order_by("title"):
        known = ": ".join(filter(None, (document.title, document.state)))
        documents.setdefault(document.recommendation_set_id, []).append(known)
    yield Table(
        _("JIU reports with outstanding recommendations"),
        (_("Reference"), _("JIU report"), _("Outstanding"), _("Documents")),
        tuple(
            (
                found.set.symbol,
                found.set.title,
                "\n".join(f"{n} {name}" for name, n in found.counts.items() if n),
                "\n".join(documents.get(found.set.pk, ["–"])),
            )
            for found in report.active_reports
        ),
        widths=(3, 6, 2, 4),
    )
    yield Paragraph(
        _("LB: addressed to legislative bodies; EH: addressed to the executive head."),
        style="note",
    )
