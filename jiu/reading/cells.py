"""A cell as somebody pasted it, with HTML in it or without, into plain text."""

import re
from html.parser import HTMLParser

TAGS = "a|b|br|div|em|font|h[1-6]|i|li|ol|p|span|strong|sub|sup|table|tbody|td|th|tr|u|ul"
BREAKS = frozenset({"br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "table", "td", "th", "tr", "ul"})
# What only looks like HTML stays as it is written; so the parser never meets what would make it slow.
NO_TAG = re.compile(rf"<(?!/?(?:{TAGS})(?:\s[^<>]{{0,500}})?/?>)", re.IGNORECASE)
NO_REFERENCE = re.compile(r"&(?!#?[0-9A-Za-z]{1,31};)")
# Characters that show nothing, and would keep a label from being recognized.
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


class TextOf(HTMLParser):
    """Gathers the text; blocks begin a new line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", " "))


def text_of_html(cell: str) -> str:
    """Without tags, a line for each block; `<` and `&` that are no HTML stay."""
    if "<" not in cell and "&" not in cell:
        return tidy(cell)
    parser = TextOf()
    parser.feed(NO_REFERENCE.sub("&amp;", NO_TAG.sub("&lt;", cell)))
    parser.close()
    return tidy("".join(parser.parts))


def tidy(text: str) -> str:
    """Single spaces, no invisible characters, no empty lines."""
    lines = (" ".join(line.split()) for line in text.translate(INVISIBLE).split("\n"))
    return "\n".join(line for line in lines if line)


def flat(text: str) -> str:
    """On one line, for comparing and for short values."""
    return " ".join(text.split())
