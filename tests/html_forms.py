"""Forms of a page as a browser sends them: filled in as they are shown, with what a person changes."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client


@dataclass
class Form:
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page that are sent by POST, each with what a browser would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.current: Form | None = None
        self.name = ""  # of the field whose text or options are being read
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.current = Form(given.get("action") or "") if given.get("method") == "post" else None
        if self.current is None:
            return
        name, value = given.get("name") or "", given.get("value")
        if tag == "input" and name and given.get("type") not in {"submit", "button", "file"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self.add(name, "on" if value is None and given.get("type") == "checkbox" else value or "")
        elif tag in {"textarea", "select"}:
            self.name, self.text = name, []
        elif tag == "option" and "selected" in given:
            self.add(self.name, value or "")

    def add(self, name: str, value: str) -> None:
        if self.current is not None:
            self.current.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self.current is None:
            return
        if tag == "textarea":
            self.add(self.name, "".join(self.text).removeprefix("\n"))
        elif tag == "form":
            self.found.append(self.current)
            self.current = None


def send(client: Client, page: str, *, to: str = "", **changes: object) -> HttpResponse:
    """Open a page, change fields of its form, and send it; `to` is the address of a form that leads elsewhere."""
    path = page.partition("?")[0]
    forms = Forms(client.get(page).content.decode()).found
    [form, *_others] = [form for form in forms if form.action in ({to} if to else {"", path, page})]
    return client.post(to or page, {**form.fields, **changes})
