"""The results of a round as a document, in the manner of the Annex to a working document of the CWS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from offices.models import Office
from portal.figures import with_share
from portal.word.blocks import Block, Chart, Document, Heading, Paragraph, Table
from surveys.models import Question
from surveys.results import NO_ANSWER, Base, Results, Text
from surveys.results import Table as Figures

# What is not asked for each Recommendation: its table has one row, which a document shows upright.
ONE_ROW = (Question.Kind.CHOICE, Question.Kind.TEXT)


def annex_document(results: Results, respondents: Sequence[Office], texts: Sequence[Text], title: str) -> Document:
    """The whole annex; `texts` are those that become public."""
    survey = results.survey
    annex = Annex(results, respondents, texts)
    return Document(
        title=title,
        subtitle=_("Sample data, invented for demonstration: no office said this.") if survey.is_sample else "",
        language=(get_language() or "en")[:2],
        head=f"{_('Sample data')} – {survey.title}" if survey.is_sample else survey.title,
        blocks=tuple(
            chain(annex.introduction(), annex.notes(), annex.answering(), annex.questions(), annex.comments())
        ),
    )


@dataclass(frozen=True)
class Annex:
    """Makes the parts in their order; tables and figures are numbered as they come."""

    results: Results
    respondents: Sequence[Office]
    texts: Sequence[Text]
    tables: Iterator[int] = field(default_factory=lambda: count(1))
    charts: Iterator[int] = field(default_factory=lambda: count(1))

    def introduction(self) -> Iterator[Block]:
        survey, narrowing = self.results.survey, self.results.narrowing
        dates = {"opens": date_format(survey.opens_on), "closes": date_format(survey.closes_on)}
        yield Heading(_("Introduction"), 1)
        yield numbered(
            _("%(title)s: this survey was open from %(opens)s to %(closes)s. It is about %(set)s.")
            % {"title": isolated(survey.title), "set": isolated(str(survey.recommendation_set)), **dates}
        )
        sentence = ngettext(
            "%(invited)d office was invited; responses of %(count)d are counted here.",
            "%(invited)d offices were invited; responses of %(count)d are counted here.",
            self.results.invited or 0,
        )
        yield numbered(sentence % {"invited": self.results.invited or 0, "count": len(self.respondents)})
        if narrowing.group:
            sentence = _("Only offices of this group are counted: %(group)s.")
            yield numbered(sentence % {"group": isolated(narrowing.group.title)})
        if narrowing.region:
            sentence = _("Only offices of this region are counted: %(region)s.")
            yield numbered(sentence % {"region": narrowing.region.label})

    def notes(self) -> Iterator[Block]:
        yield Heading(_("How to read the figures"), 1)
        if self.results.base is Base.RESPONDING:
            base = _("Percentages are of all offices that submitted a response, also where one left a question out.")
        else:
            base = _(
                "Percentages are of the offices that answered the question; for questions about each Recommendation,"
                " of those that answered on this Recommendation."
            )
        yield numbered(f"{base} {_('That number is printed as n.')}")
        yield numbered(
            _(
                "They are rounded half up to whole per cent, and the count stands before each; where n is 0 there is"
                " no percentage. “No answer” is the absence of an answer, other than “None” and “N/A”."
            )
        )

    def answering(self) -> Iterator[Block]:
        yield Heading(_("Responding offices"), 1)
        total = len(self.respondents)
        sentence = ngettext(
            "%(count)d office submitted a response that is counted here. Its code is that of WIPO Standard ST.3.",
            "%(count)d offices submitted a response that is counted here. Their codes are those of WIPO Standard ST.3.",
            total,
        )
        yield numbered(sentence % {"count": total})
        yield Table(
            self.table_title(_("Responding offices")),
            (_("Code"), _("Office")),
            tuple((office.code, office.name) for office in self.respondents),
            widths=(1, 6),
        )

    # What was asked

    def questions(self) -> Iterator[Block]:
        yield Heading(_("Results by question"), 1)
        for number, table in enumerate(self.results.tables, start=1):
            yield Heading(_("Question %(number)d: %(text)s") % {"number": number, "text": table.text}, 2)
            yield numbered(" ".join(filter(None, [asked(table), self.answered(table)])), leads=True)
            if any(row.n for row in table.rows):
                yield self.chart(number, table)
            yield self.table(number, table)

    def answered(self, table: Figures) -> str:
        """How many offices answered; nothing where that differs between Recommendations."""
        silent = silence(table)
        if silent is None:
            return ""
        base = self.results.responded or 0
        sentence = ngettext(
            "%(count)d of %(base)d responding office answered.",
            "%(count)d of %(base)d responding offices answered.",
            base,
        )
        return sentence % {"count": base - silent, "base": base}

    def chart(self, number: int, table: Figures) -> Chart:
        categories, series = upright(table) if table.kind in ONE_ROW else lying(table)
        return Chart(
            _("Figure %(figure)d. Question %(number)d: number of offices")
            % {"figure": next(self.charts), "number": number},
            categories,
            series,
            description=_("Bars of counts; the table below has the same figures."),
            horizontal=True,
            # Where bars are of one series, no answer is a bar of its own.
            unanswered=place_of_silence(table) if len(series) > 1 else None,
        )

    def table(self, number: int, table: Figures) -> Table:
        if table.n is None:
            text = _("Question %(number)d: offices and percentages; n stands in each row")
        else:
            text = _("Question %(number)d: offices and percentages, n = %(n)d")
        title = self.table_title(text % {"number": number, "n": table.n})
        return options(table, title) if table.kind in ONE_ROW else rows(table, title)

    def table_title(self, text: str) -> str:
        return _("Table %(table)d. %(text)s") % {"table": next(self.tables), "text": text}

    # What was written

    def comments(self) -> Iterator[Block]:
        yield Heading(_("Comments by office"), 1)
        total = len(self.results.texts)
        if not total:
            yield numbered(_("No office wrote a comment."))
            return
        sentence = ngettext(
            "%(count)d of %(total)d text is published here, as the office wrote it.",
            "%(count)d of %(total)d texts are published here, as the offices wrote them.",
            total,
        )
        yield numbered(sentence % {"count": len(self.texts), "total": total})
        for number, table in enumerate(self.results.tables, start=1):
            written = [text for text in self.texts if text.question == table.question]
            if written:
                text = _("Comments on question %(number)d: %(text)s")
                yield self.written(self.table_title(text % {"number": number, "text": table.text}), written)

    def written(self, title: str, texts: Sequence[Text]) -> Table:
        """Where nothing is about a Recommendation, there is no column for it."""
        names = {office.code: f"{isolated(office.name)} ({office.code})" for office in self.respondents}
        if any(text.recommendation for text in texts):
            return Table(
                title,
                (_("Office"), _("Rec."), _("Comment")),
                tuple((names[text.office], text.recommendation or "–", text.text) for text in texts),
                widths=(3, 1, 7),
            )
        return Table(
            title, (_("Office"), _("Comment")), tuple((names[text.office], text.text) for text in texts), widths=(3, 8)
        )


# Characters that turn the direction of all that follows them in a paragraph, and those that set a text apart.
TURNING, APART = re.compile("[\u202a-\u202e\u2066-\u2069]"), "\u2068{}\u2069"


def isolated(text: str) -> str:
    """A text inside a sentence, as <bdi> does on a page."""
    return APART.format(text) if TURNING.search(text) else text


def numbered(text: str, *, leads: bool = False) -> Paragraph:
    return Paragraph(text, number=1, leads=leads)


def asked(table: Figures) -> str:
    """What an office could answer."""
    sentences = {
        Question.Kind.LEVELS: _("Offices chose one level for each Recommendation."),
        Question.Kind.SELECT: _("Offices could select any number of Recommendations."),
        Question.Kind.CHOICE: _("Offices chose one option."),
        Question.Kind.TEXT: _("Offices answered in their own words."),
        Question.Kind.COMMENTS: _("Offices could comment on each Recommendation."),
    }
    return sentences[Question.Kind(table.kind)]


def silence(table: Figures) -> int | None:
    """How many offices did not answer the question; None where each Recommendation is answered by itself."""
    if table.kind in ONE_ROW:
        return table.rows[0].cells[NO_ANSWER].count
    # A set may still be without Recommendations, and such a table without rows.
    last = table.rows[-1] if table.kind == Question.Kind.SELECT else None
    if last and last.code == NO_ANSWER:
        return sum(cell.count for cell in last.cells.values())
    return None


# One question as bars, and as a table

type_of_bars = tuple[tuple[str, ...], tuple[tuple[str, tuple[int, ...]], ...]]


def lying(table: Figures) -> type_of_bars:
    """A bar for each row. Beside it there is no room for the words of a Recommendation."""
    names = tuple(row.recommendation or row.label for row in table.rows)
    return names, tuple(
        (label, tuple(row.cells[code].count for row in table.rows)) for code, label in table.columns.items()
    )


def place_of_silence(table: Figures) -> int | None:
    """Which of the columns is the absence of an answer."""
    return [*table.columns].index(NO_ANSWER) if NO_ANSWER in table.columns else None


def upright(table: Figures) -> type_of_bars:
    """A bar for each answer."""
    (row,) = table.rows
    counts = tuple(row.cells[code].count for code in table.columns)
    return tuple(table.columns.values()), ((_("Offices"), counts),)


def rows(table: Figures, title: str) -> Table:
    """Where n differs between rows it has a column of its own."""
    base = [] if table.n is not None else ["n"]
    return Table(
        title,
        (_("Recommendation"), *table.columns.values(), *base),
        tuple(
            (
                f"{row.recommendation}. {row.label}" if row.recommendation else row.label,
                *(with_share(row.cells[code].count, row.cells[code].percent) for code in table.columns),
                *([str(row.n)] if base else []),
            )
            for row in table.rows
        ),
        figures=tuple(range(1, len(table.columns) + len(base) + 1)),
        widths=(5, *([1] * (len(table.columns) + len(base)))),
    )


def options(table: Figures, title: str) -> Table:
    """Each answer in a row of its own."""
    (row,) = table.rows
    return Table(
        title,
        (_("Answer"), _("Offices")),
        tuple(
            (label, with_share(row.cells[code].count, row.cells[code].percent)) for code, label in table.columns.items()
        ),
        figures=(1,),
        widths=(5, 1),
    )
