"""Rewording a sentence of a progress report."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from jiu.reports.sentences import LANGUAGE, Sentence, faults_of
from portal.forms import TextField


class SentenceForm(forms.Form):
    """Blank text stands for the portal's own sentence."""

    text = TextField(
        label=gettext_lazy("The sentence"),
        required=False,
        strip=False,
        max_length=4_000,
        rows=6,
        attrs={"class": "form-control", "dir": "auto", "lang": LANGUAGE},
        help_text=gettext_lazy("What stands in braces is a figure: it is filled in and cannot be typed."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any = None, *, sentence: Sentence, **options: Any) -> None:
        super().__init__(data, **options)
        self.sentence = sentence

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip() or text == self.sentence.words:
            return ""
        if faults := list(faults_of(self.sentence, text)):
            raise ValidationError(faults)
        return text
