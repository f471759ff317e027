"""What a line of a document is by its words: a heading, a mark, a part of the print."""

import re

ANNEX = re.compile(
    r"(?:ANNEX\s+(?P<numeral>[IVX]{1,5})\W+)?(?:(?:THE\s+)?JOINT INSPECTION UNIT(?:\s*\(JIU\))?\s+|JIU\s+)?"
    r"RECOMMENDATIONS ADDRESSED TO\s+(?:THE\s+)?(?P<addressee>LEGISLATIVE|GOVERNING|EXECUTIVE)\b.*",
    re.IGNORECASE,
)
AS_AT = re.compile(r"\bAS\s+AT\b", re.IGNORECASE)
DATE_ALONE = re.compile(r"\W*(?:STATUS\s+)?AS\s+AT\b.*", re.IGNORECASE)
ACTIVE = re.compile(r"(?:ANNEX\s+[IVX]+\W+)?LIST OF ACTIVE\S*\s+JIU REPORTS\b.*", re.IGNORECASE)
FOLLOWS = re.compile(r"\[Annex(?:es)?\b(?:\s+(?P<numeral>[IVX]{1,5})\b)?[^\]]*follows?\]", re.IGNORECASE)
END = re.compile(r"\[End of\b.*\]", re.IGNORECASE)
SECTION = re.compile(
    r"(?P<numeral>[IVXLC]+)\.?\s+RECOMMENDATIONS FROM JIU REVIEWS HELD IN\s+(?P<year>[0-9]{4})\.?", re.IGNORECASE
)
SYMBOL = r"JIU/[A-Z]{1,10}/(?P<year>[0-9]{4})/[0-9]{1,4}"
# A link in text files, and what Word shows of it.
LINK = r"(?:\[[^\]]*\]\([^)]*\)|LINK\b)"
MORE = rf"(?:\s*{LINK})?(?:\s*\(continued\))?(?:\s*{LINK})?"
HEADING = re.compile(rf"(?P<symbol>{SYMBOL})\s*:?\s*[“\"«„]\s*(?P<title>.+?)\s*[”\"»]{MORE}", re.IGNORECASE)
AGAIN = re.compile(rf"(?P<symbol>{SYMBOL}){MORE}", re.IGNORECASE)
OPEN_TITLE = re.compile(rf"{SYMBOL}\s*:?\s*[“\"«„][^”\"»]*", re.IGNORECASE)
ISSUED = re.compile(r"This report was issued by the JIU on\s+(?P<day>[^.]+?)\.(?:\s.*)?", re.IGNORECASE)
# What belongs to the print, or says again what other lines say.
PASSED = re.compile(
    rf"{LINK}|\(continued\)|ANNEX\s+[IVX]+(?:[,/]?\s*page\s+[0-9]+)?|Nothing is to be reported\."
    r"|page\s+[0-9]+(?:\s+of\s+[0-9]+)?|(?!JIU/)[A-Z]{2,}(?:/[A-Z0-9]+)+"
    r"(?:\s+(?:Rev|Corr|Add)\.?(?:\s*[0-9]+)?)?(?:\W+ANNEX\s+[IVX]+)?(?:\W+page\s+[0-9]+)?|[¹²³⁴-⁹]\s*\S.*",
    re.IGNORECASE,
)
OWN_SYMBOL = re.compile(r"\bpresent report \(document ([A-Z]{2,}(?:/[A-Z0-9]+)+)\)", re.IGNORECASE)
OF_ACTIVE = re.compile(
    rf"{SYMBOL}\b.*|REFERENCE\b.*|This annex serves to provide links\b.*|LB: .*|JIU reports with outstanding\b.*"
    r"|No JIU report has anything outstanding\b.*",
    re.IGNORECASE,
)

# Headings in other words than those above: it is not known what stands below them.
OTHER_ANNEX = re.compile(
    r"\AANNEX\s+[IVX]+\b(?!\W*(?:page\b.*)?\Z)|\bRECOMMENDATIONS\b.*\bADDRESSED\b"
    r"|\bADDRESSED\s+TO\b.*\b(?:LEGISLATIVE|GOVERNING|EXECUTIVE)\b",
    re.IGNORECASE,
)
OTHER_REPORT = re.compile(r"\AJIU\b|\b(?:REP|NOTE|ML)\W{1,3}[0-9]{4}\W{1,3}[0-9]{1,4}\b", re.IGNORECASE)
# A value in a note on changes is shorter.
TITLE_AT_END = re.compile(rf"[^“\"«„]*[“\"«„].{{20,}}[”\"»]{MORE}", re.IGNORECASE)
# Of a line so many characters are looked at.
GLANCE = 500


def may_name_annex(text: str) -> bool:
    """Whether a line that is not read may be the heading of an annex, or a part of it; a sentence is none."""
    return not text.endswith(".") and bool(OTHER_ANNEX.search(text[:GLANCE]))


def may_name_report(text: str) -> bool:
    """Whether a line that is not read may be the heading of a JIU report."""
    begin = text[:GLANCE]
    in_capitals = begin.isupper() and " " in begin
    return bool(in_capitals or OTHER_REPORT.search(begin) or TITLE_AT_END.fullmatch(begin))
