"""The catalogues of locale/: each complete, in agreement with the texts it translates, and not stale."""

import gettext
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
# What nobody reads on a page.
UNTRANSLATED = {"benchmarks", "build", "docs", "fixtures", "locale", "tests", "var"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0+-]*\d*(?:\.\d+)?[a-zA-Z%]|\{\{?[^{}]*\}?\}")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# The context, and the text or its singular.
type_of_entry = tuple[str | None, str]

each_catalogue = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])


@cache
def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def texts_of(message: Message) -> tuple[list[str], list[str]]:
    """What is to be translated, and into what; several of each where there is a plural."""
    ids, strings = message.id, message.string
    return [ids] if isinstance(ids, str) else list(ids), [strings] if isinstance(strings, str) else list(strings)


def gaps(catalogue: Catalog) -> list[str]:
    """Entries without a translation, in any of their plural forms, or with one that nobody confirmed."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not all(texts_of(message)[1]) or not texts_of(message)[1])
    ]


def disagreements(message: Message) -> Iterator[str]:
    """What must stand in the translation exactly as in the text: placeholders, tags, spaces at the ends."""
    ids, strings = texts_of(message)
    for what, pattern in {"placeholders": PLACEHOLDER, "tags": TAG}.items():
        # A plural form of one language may stand where the other has its singular.
        meant = [Counter(pattern.findall(text)) for text in ids]
        if not all(Counter(pattern.findall(text)) in meant for text in strings):
            yield f"{what}: {ids[0]}"
    if any(edges(text) != edges(ids[0]) for text in strings):
        yield f"spaces at the ends: {ids[0]}"


def edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def sources() -> Iterator[Path]:
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and folder.name not in UNTRANSLATED and not folder.name.startswith("."):
            yield from sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".html", ".txt"})


def entries_of(path: Path) -> set[type_of_entry]:
    """What a file asks gettext for."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django makes Python's calls out of a template, amid fillers that are lines of one block once unindented.
        text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    return {(context, ids if isinstance(ids, str) else ids[0]) for _line, ids, _comments, context in found}


def unknown(catalogue: Catalog, entries: set[type_of_entry]) -> list[type_of_entry]:
    return sorted((entry for entry in entries if catalogue.get(entry[1], entry[0]) is None), key=str)


@cache
def all_entries() -> set[type_of_entry]:
    return {entry for path in sources() for entry in entries_of(path)}


def test_there_are_catalogues():
    assert CATALOGUES


@each_catalogue
def test_it_is_complete(path):
    assert gaps(read(path)) == []


@each_catalogue
def test_it_agrees_with_the_texts(path):
    catalogue = read(path)
    assert [str(error) for _message, errors in catalogue.check() for error in errors] == []
    assert [fault for message in catalogue if message.id for fault in disagreements(message)] == []


@each_catalogue
def test_it_is_not_stale(path):
    assert unknown(read(path), all_entries()) == []


@each_catalogue
def test_it_compiles(path):
    catalogue, compiled = read(path), io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = gettext.GNUTranslations(compiled)
    for message in catalogue:
        ids, strings = texts_of(message)
        if not message.id or message.context:
            continue
        if len(ids) == 1:
            assert translations.gettext(ids[0]) == strings[0]
        else:
            assert {translations.ngettext(*ids, number) for number in range(200)} == set(strings)


@each_catalogue
def test_its_header_names_no_person_machine_or_day(path):
    header = path.read_text(encoding="utf-8").partition("\n\n")[0]
    names = re.findall(r'^"([A-Za-z-]+):', header, re.MULTILINE)
    assert names == [
        "Project-Id-Version",
        "Language",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Plural-Forms",
    ]


def test_french_is_set_as_french_is():
    """A space that does not break before double signs and inside quotation marks; no straight apostrophe."""
    catalogue = read(ROOT / "locale/fr/LC_MESSAGES/django.po")
    wrong = re.compile(r" [:;?!»]|« |«[^\u00a0]|[^\u00a0]»|\w[;?!]|'|[“”]|\.\.\.")
    assert [text for message in catalogue if message.id for text in texts_of(message)[1] if wrong.search(text)] == []


# Controls: what must be found


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("%(count)d offices", "%(number)d offices"),
        ("%(count)d offices", "offices"),
        ("%(count)d offices", "%(count)s offices"),
        ("100%% of %s", "100 pour cent de %s"),
        ("Hello {name}", "Bonjour {nom}"),
        ("Hello {{ name }}", "Bonjour {{ nom }}"),
        ("<b>bold</b>", "<b>gras<b>"),
        ('<a href="/x">here</a>', '<a href="/y">ici</a>'),
        (" and more", "et d’autres"),
        (("%(n)s office", "%(n)s offices"), ("%(n)s office", "des offices")),
    ],
)
def test_a_disagreement_is_found(text, translation):
    assert list(disagreements(Message(text, translation)))


@pytest.mark.parametrize(
    "message",
    [
        Message("office", ""),
        Message(("office", "offices"), ("office", "")),
        Message("office", "bureau", flags=["fuzzy"]),
    ],
)
def test_a_gap_is_found(message):
    catalogue = Catalog(locale="fr")
    catalogue[message.id] = message
    assert gaps(catalogue)


@pytest.mark.parametrize(
    ("name", "text", "entry"),
    [
        ("a.py", '_("Made" " up")', (None, "Made up")),
        ("a.py", 'label = gettext_lazy("Made up")', (None, "Made up")),
        ("a.py", 'ngettext("One made up", "Many made up", 2)', (None, "One made up")),
        ("a.py", 'pgettext_lazy("date", "Made up")', ("date", "Made up")),
        ("a.html", '<p title="it\'s">\n    {% translate "Made up" %}\n  </p>', (None, "Made up")),
        ("a.html", "<p>{{ x|default:_('Made up') }}</p>", (None, "Made up")),
        ("a.html", '{% translate "Made up" context "date" as made %}', ("date", "Made up")),
        (
            "a.html",
            "<p>{% blocktranslate count n=n with a=b|c %}{{ n }} {{ a }} up{% plural %}more{% endblocktranslate %}</p>",
            (None, "%(n)s %(a)s up"),
        ),
        ("a.txt", "{% blocktranslate %}Made up,\n100%{% endblocktranslate %}", (None, "Made up,\n100%%")),
    ],
)
def test_a_string_without_entry_is_found(tmp_path, name, text, entry):
    path = tmp_path / name
    path.write_text(text)
    assert unknown(read(CATALOGUES[0]), entries_of(path)) == [entry]
