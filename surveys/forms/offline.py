"""A filled questionnaire as it is uploaded, and its changes between the preview and the confirmation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices.models import Office, User
from portal.spreadsheets.reading import check_size
from portal.spreadsheets.tables import SheetRefused
from surveys.actions.responses import SectionChange
from surveys.offline.plan import fingerprint
from surveys.questionnaire import Questionnaire
from surveys.rules import Given

SALT = "surveys.offline"
MAX_AGE = 24 * 60 * 60
# Django reads at most 2.5 MiB of a form.
MAX_TOKEN = 2 * 2**20


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("The filled questionnaire (XLSX)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_file(self) -> Any:
        try:
            check_size(self.cleaned_data["file"].size)
        except SheetRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return self.cleaned_data["file"]


class TooMuch(Exception):
    """The changes do not fit into a form."""


def sign_changes(questionnaire: Questionnaire, office: Office, changes: Iterable[SectionChange], *, by: User) -> str:
    """The changes as the preview hands them on: nobody else can use them, and nobody can alter them.

    Raises TooMuch.
    """
    sections = [
        [
            change.question.key,
            change.version,
            [[a.recommendation.number if a.recommendation else None, a.value, a.comment] for a in change.answers],
        ]
        for change in changes
    ]
    token = signing.dumps([*scope(questionnaire, office, by), sections], salt=SALT, compress=True)
    if len(token) > MAX_TOKEN:
        raise TooMuch
    return token


def scope(questionnaire: Questionnaire, office: Office, by: User) -> list[Any]:
    """What the changes were made for; they fit nothing else."""
    return [by.pk, questionnaire.survey.key, office.code, fingerprint(questionnaire)]


class ConfirmForm(forms.Form):
    """The changes of the preview, as they come back; `changes` once it is valid."""

    token = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, questionnaire: Questionnaire, office: Office, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire, self.office, self.by = questionnaire, office, by

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        try:
            *made_for, sections = signing.loads(token, salt=SALT, max_age=MAX_AGE)
        except signing.BadSignature as error:
            raise ValidationError(_("The preview is too old, or was altered: upload the file again.")) from error
        if made_for != scope(self.questionnaire, self.office, self.by):
            raise ValidationError(_("The preview was of other questions or another office: upload the file again."))
        self.changes = [self.change(*section) for section in sections]
        return token

    def change(self, key: str, version: int, answers: list[list[Any]]) -> SectionChange:
        question = next(question for question in self.questionnaire.questions if question.key == key)
        items = {item.number: item for item in self.questionnaire.recommendations}
        given = [Given(question, items.get(number), value, comment) for number, value, comment in answers]
        return SectionChange(question, given, version)
