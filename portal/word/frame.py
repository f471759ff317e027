"""What every document is set in: page, styles, numbers and language."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from portal.word.blocks import Document
from portal.word.markup import clean

FONT = "Arial"
LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}
PAGE = (Mm(210), Mm(297))
MARGIN = Mm(25)
SMALL = 9  # points, of what stands on every page
HEADINGS = (("Title", 16), ("Subtitle", 11), ("Heading 1", 14), ("Heading 2", 12), ("Heading 3", 11), ("Caption", 10))
# Name, size and the space after, in points.
OWN_STYLES = (
    ("Cell", 9, 2),
    ("Head", 8.5, 2),
    ("Note", 9, 4),
    ("Gap", 4, 2),
    ("Centred", 10.5, 6),
    ("Picture", 10, 6),
)


def prepare(word: Word, document: Document) -> None:
    prepare_page(word, document)
    prepare_styles(word)
    prepare_numbering(word)
    prepare_properties(word, document)


def prepare_properties(word: Word, document: Document) -> None:
    language = LANGUAGES.get(document.language, document.language)
    defaults = word.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    child(defaults, "w:lang", val=language, eastAsia="zh-CN", bidi="ar-SA")
    properties = word.core_properties
    properties.title = clean(document.title)[:255]
    properties.language = language
    properties.author = _("Recommendations portal")
    properties.comments = ""
    prepare_dates(word, document.made_at)
    remove_parts_of_template(word)


def prepare_dates(word: Word, made_at: datetime.datetime | None) -> None:
    """When it was made; a file that is not told says nothing, rather than the day of its template."""
    if made_at:
        properties = word.core_properties
        properties.created = properties.modified = made_at.astimezone(datetime.UTC)
        return
    properties = word.part.package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES).element
    for date in properties.xpath("dcterms:created | dcterms:modified"):
        properties.remove(date)


# The template's picture, and the program that it was made with.
OF_TEMPLATE = (RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)


def remove_parts_of_template(word: Word) -> None:
    links = word.part.package.rels
    for name in [name for name, link in links.items() if link.reltype in OF_TEMPLATE]:
        del links[name]


def prepare_page(word: Word, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    section.header.paragraphs[0].text = clean(document.head)
    foot = section.footer.paragraphs[0]
    foot.text = clean(document.foot) + ("  ·  " if document.foot else "")
    # After the words that `text` gave it.
    paragraph = section.footer.part.element.find(qn("w:p"))
    add_field(paragraph, "PAGE")
    foot.add_run(" / ")
    add_field(paragraph, "NUMPAGES")


def add_field(paragraph: Any, code: str) -> None:
    field = child(paragraph, "w:fldSimple", instr=code)
    child(child(field, "w:r"), "w:t").text = "1"


def prepare_styles(word: Word) -> None:
    styles = word.styles
    normal = styles["Normal"]
    normal.font.name = FONT
    set_size(normal, 10.5)
    normal.paragraph_format.space_after = Pt(6)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    for heading, points in HEADINGS:
        plain(styles[heading], points)
    for name, size, after in OWN_STYLES:
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        set_size(style, size)
        style.paragraph_format.space_after = Pt(after)
    styles["Centred"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name in ("Header", "Footer"):
        set_size(styles[name], SMALL)
    # A picture stays with the table that says the same.
    styles["Picture"].paragraph_format.keep_with_next = True


def plain(style: Any, size: float) -> None:
    """Black and in the document's font, as the documents of committees are."""
    style.font.name = FONT
    set_size(style, size)
    style.font.bold = True
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    # The template draws a line below a title and spaces the letters of a subtitle out.
    for parent, name in ((style.element.rPr, "w:spacing"), (style.element.pPr, "w:pBdr")):
        for ornament in [] if parent is None else parent.findall(qn(name)):
            parent.remove(ornament)


def set_size(style: Any, points: float) -> None:
    """In all scripts: Word keeps the size of Arabic and Hebrew apart."""
    style.font.size = Pt(points)
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    properties.find(qn("w:sz")).addnext(element("w:szCs", val=str(round(2 * points))))


def prepare_numbering(word: Word) -> None:
    """Numbers that Word counts itself: `1.` through the whole document, `(i)` anew below each."""
    numbering = word.part.numbering_part.element
    number = next_number(numbering, "w:abstractNum", "w:abstractNumId")
    abstract = element("w:abstractNum", abstractNumId=number)
    child(abstract, "w:multiLevelType", val="multilevel")
    for level, (form, text, start) in enumerate((("decimal", "%1.", 0), ("lowerRoman", "(%2)", 567))):
        found = child(abstract, "w:lvl", ilvl=str(level))
        child(found, "w:start", val="1")
        child(found, "w:numFmt", val=form)
        child(found, "w:lvlText", val=text)
        child(found, "w:lvlJc", val="left")
        child(child(found, "w:pPr"), "w:ind", left=str(start + 567 if level else 0), hanging="567" if level else "0")
    first = numbering.find(qn("w:num"))
    if first is not None:
        # The schema wants all of the one kind before all of the other.
        first.addprevious(abstract)
    else:
        numbering.append(abstract)
    identity = next_number(numbering, "w:num", "w:numId")
    child(child(numbering, "w:num", numId=identity), "w:abstractNumId", val=number)
    for level, name in enumerate(("Numbered", "Sub-item")):
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        properties = child(style.element.get_or_add_pPr(), "w:numPr")
        child(properties, "w:ilvl", val=str(level))
        child(properties, "w:numId", val=identity)


def next_number(numbering: Any, kind: str, name: str) -> str:
    taken = [int(found.get(qn(name))) for found in numbering.findall(qn(kind))]
    return str(max(taken, default=0) + 1)


# XML


def element(name: str, **attributes: str) -> Any:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def child(parent: Any, name: str, **attributes: str) -> Any:
    made = element(name, **attributes)
    parent.append(made)
    return made
