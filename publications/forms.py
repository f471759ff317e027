"""What is asked before something is published."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.forms import TextField
from publications.actions import Words
from publications.contents import key_of
from surveys.results import Text

TEXT = {"class": "form-control", "dir": "auto"}


class PublishForm(forms.Form):
    title = TextField(
        label=gettext_lazy("Title"),
        max_length=300,
        attrs=TEXT,
    )
    reason = TextField(
        label=gettext_lazy("Reason"),
        required=False,
        strip=False,
        max_length=2_000,
        rows=3,
        attrs=TEXT,
        help_text=gettext_lazy("It is published with the figures."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)
    # Which figures the page showed, and which publications of them stood.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    standing = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, title: str, needs_reason: bool, shown: Mapping[str, str]) -> None:
        """A reason is needed for a correction, and where something is still open; `shown` is what is shown now."""
        super().__init__(data, initial={"title": title, "token": uuid.uuid4(), **shown})
        self.fields["reason"].required = needs_reason

    def show_anew(self: Any, shown: Mapping[str, str]) -> None:
        """Keep what was typed, with the marks of what is shown now."""
        self.data = self.data.copy()
        for name, mark in shown.items():
            self.data[name] = mark

    @property
    def words(self) -> Words:
        said = self.cleaned_data
        return Words(said["title"], said["reason"], said["token"])


@dataclass(frozen=True)
class Line:
    """One text, the field that decides about it, and what was decided when it was shown."""

    text: Text
    field: forms.BoundField
    then: forms.BoundField


class CommentsForm(forms.Form):
    """One decision a text; what is left open stays undecided, what is left as it was is not decided anew."""

    PUBLIC, PRIVATE, OPEN = "public", "private", ""
    WORDS = {True: PUBLIC, False: PRIVATE, None: OPEN}

    def __init__(
        self, data: Any = None, *, texts: Iterable[Text], decisions: Mapping[tuple[str, str, str | None, str], bool]
    ) -> None:
        super().__init__(data)
        self.texts = {name_of(text): text for text in texts}
        choices = [
            (self.OPEN, gettext_lazy("undecided")),
            (self.PUBLIC, gettext_lazy("becomes public")),
            (self.PRIVATE, gettext_lazy("does not")),
        ]
        self.labels = dict(choices)
        for name, text in self.texts.items():
            decided = decisions.get(key_of(text))
            self.fields[name] = forms.ChoiceField(
                label=gettext_lazy("Decision"),
                choices=choices if decided is None else choices[1:],
                required=False,
                initial=self.WORDS[decided],
                widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
            )
            self.fields[then_of(name)] = forms.ChoiceField(
                choices=choices, required=False, initial=self.WORDS[decided], widget=forms.HiddenInput
            )

    @property
    def decisions(self) -> dict[Text, bool]:
        """What the person decided here, by text."""
        said = self.cleaned_data
        return {
            text: said[name] == self.PUBLIC
            for name, text in self.texts.items()
            if said.get(name) and said[name] != said.get(then_of(name), self.OPEN)
        }

    @property
    def seen(self) -> dict[Text, bool | None]:
        meant = {word: decided for decided, word in self.WORDS.items()}
        return {text: meant[self.cleaned_data.get(then_of(name), "")] for name, text in self.texts.items()}

    def meet(self: Any, now: Mapping[Text, bool]) -> None:
        """Show beside each choice what somebody else chose. Saving again is then a decision, not an accident."""
        self.data = self.data.copy()
        for text, public in now.items():
            word = self.WORDS[public]
            self.data[then_of(name_of(text))] = word
            sentence = _("Somebody else decided meanwhile: %(decision)s. Save again to decide as chosen here.")
            self.add_error(name_of(text), sentence % {"decision": self.labels[word]})

    @property
    def lines(self) -> list[Line]:
        return [Line(text, self[name], self[then_of(name)]) for name, text in self.texts.items()]


def name_of(text: Text) -> str:
    """The text's hash is part of the name: a decision is never about another text than the one seen."""
    question, office, recommendation, of_text = key_of(text)
    return f"{question}.{office}.{recommendation or ''}.{of_text[:16]}"


def then_of(name: str) -> str:
    return f"{name}.then"
