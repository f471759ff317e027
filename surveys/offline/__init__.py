"""The questionnaire of a round as a workbook to fill away from the portal, and what comes back in it.

One plan, made from the questionnaire, says what stands in which row: the writer lays it out, and the
reader finds by it every cell that is not as it was laid out.
"""

from surveys.offline.reading import read_questionnaire
from surveys.offline.writing import write_questionnaire

__all__ = ["read_questionnaire", "write_questionnaire"]
