"""Pictures of charts for documents. On pages, charts are SVG from templates."""

import io
import textwrap
from collections.abc import Iterable
from typing import Any

from portal.word.blocks import Chart
from portal.word.markup import clean, reads_leftwards

# Dark to light in the order of the series, told apart in grey print too, and the last for no answer; the table
# beside says the rest.
COLOURS = ("#12436d", "#28a197", "#f46a25", "#801650", "#a285d1", "#3d3d3d", "#9aa0a6", "#c9ced3")
HATCHES = ("", "", "//", "", "..", "", "", "xx")
WIDTH, UPRIGHT, PER_BAR, AROUND = 6.3, 2.3, 0.3, 1.2  # inches
# With its caption and the head of its table, a picture has to fit on a page.
HIGHEST = 6.4
DOTS = 150  # an inch
LEGEND_COLUMNS = 4
LINE, LINES = 32, 2  # characters of a name, lines of it
# Where bars stand closer than letters are high, names get smaller.
LETTERS, CLOSE = 10, 0.25  # points, inches


def draw(chart: Chart) -> bytes:
    """The chart as a PNG."""
    # Slow to load, and only documents need it.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height(chart)), dpi=DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    add_bars(axes, chart)
    name_bars(axes, chart)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if len(chart.series) > 1:
        add_legend(figure, axes, chart)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def height(chart: Chart) -> float:
    return min(AROUND + PER_BAR * len(chart.categories), HIGHEST) if chart.horizontal else UPRIGHT


def add_bars(axes: Any, chart: Chart) -> None:
    places = list(range(len(chart.categories)))
    before = [0] * len(places)
    for number, (_name, counts) in enumerate(chart.series):
        look: dict[str, Any] = {
            "color": COLOURS[chart.look(number)],
            "hatch": HATCHES[chart.look(number)],
            "edgecolor": "white",
        }
        if chart.horizontal:
            bars = axes.barh(places, counts, left=before, **look)
        else:
            bars = axes.bar(places, counts, bottom=before, width=0.6, **look)
        if len(chart.series) == 1:
            axes.bar_label(bars, padding=3, fontsize=letters(chart))
        before = [low + count for low, count in zip(before, counts, strict=True)]


def name_bars(axes: Any, chart: Chart) -> None:
    from matplotlib.ticker import MaxNLocator

    values, names = (axes.xaxis, axes.yaxis) if chart.horizontal else (axes.yaxis, axes.xaxis)
    values.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    labels = [legible(name, number) for number, name in enumerate(chart.categories, 1)]
    names.set_ticks(list(range(len(labels))), labels=labels, fontsize=letters(chart), parse_math=False)
    if chart.horizontal:
        axes.margins(y=0.01)
        axes.invert_yaxis()


def letters(chart: Chart) -> float:
    """How high letters beside the bars are, in points."""
    room = (height(chart) - AROUND) / max(len(chart.categories), 1)
    return LETTERS * min(room / CLOSE, 1) if chart.horizontal else LETTERS


def add_legend(figure: Any, axes: Any, chart: Chart) -> None:
    """In as many columns as the names leave room for."""
    for columns in range(min(LEGEND_COLUMNS, len(chart.series)), 0, -1):
        legend = legend_of(figure, axes, chart, columns)
        if legend.get_window_extent(figure.canvas.get_renderer()).width <= figure.bbox.width:
            return
        if columns > 1:
            legend.remove()


def legend_of(figure: Any, axes: Any, chart: Chart, columns: int) -> Any:
    numbers = [str(number) for number in range(len(chart.series))]
    legend = figure.legend(axes.containers, numbers, loc="outside lower center", ncols=columns, frameon=False)
    for number, (text, (name, _counts)) in enumerate(zip(legend.get_texts(), chart.series, strict=True), 1):
        text.set_parse_math(False)
        text.set_text(legible(name, number))
    return legend


def numbered(names: Iterable[str]) -> dict[str, str]:
    """Names that the picture shows as their number, with it before them: as the table beside it has to say."""
    return {name: f"({number}) {name}" for number, name in enumerate(names, 1) if not can_be_drawn(clean(name))}


def legible(name: str, number: int) -> str:
    """A name on few lines; its number where it cannot be drawn."""
    name = clean(name)
    if not can_be_drawn(name):
        return f"({number})"
    return "\n".join(textwrap.wrap(name, LINE, max_lines=LINES, placeholder=" …"))


def can_be_drawn(name: str) -> bool:
    """Not where the font lacks a letter, or cannot join them as in Arabic."""
    return not reads_leftwards(name) and letters_are_known(name)


def letters_are_known(text: str) -> bool:
    """Whether the font that comes with matplotlib, the same on every machine, has all letters."""
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return all(ord(letter) in known for letter in text if letter != "\n")
