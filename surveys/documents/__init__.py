"""The figures of rounds as files."""

from surveys.documents.comparison import comparison_csv, comparison_xlsx
from surveys.documents.crosstable import crosstable_csv, crosstable_xlsx
from surveys.documents.results import results_csv, results_xlsx

__all__ = [
    "comparison_csv",
    "comparison_xlsx",
    "crosstable_csv",
    "crosstable_xlsx",
    "results_csv",
    "results_xlsx",
]
