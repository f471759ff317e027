"""The results of rounds: the only place where their figures are computed.

Pages, JSON, CSV, XLSX and commands render what stands here. Counting happens in the database, in a
fixed number of queries whatever the number of offices; the rules are those of docs/figures.md.
"""

from surveys.results.comparison import Comparison, compare_rounds
from surveys.results.crosstable import Axis, AxisUnclear, Crosstable, NoSuchAxis, compute_crosstable, find_axis
from surveys.results.tables import (
    CELL_COLUMNS,
    NO_ANSWER,
    Base,
    Cell,
    Results,
    Row,
    Table,
    Text,
    answers_of,
    compute_results,
)

__all__ = [
    "CELL_COLUMNS",
    "NO_ANSWER",
    "Axis",
    "AxisUnclear",
    "Base",
    "Cell",
    "Comparison",
    "Crosstable",
    "NoSuchAxis",
    "Results",
    "Row",
    "Table",
    "Text",
    "answers_of",
    "compare_rounds",
    "compute_crosstable",
    "compute_results",
    "find_axis",
]
