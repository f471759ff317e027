"""A progress report of the Secretariat as it is uploaded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.forms import DayField
from portal.spreadsheets.reading import check_size
from portal.spreadsheets.tables import SheetRefused


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("The progress report (text in UTF-8, or DOCX)"),
        widget=forms.FileInput(attrs={"accept": ".txt,.docx"}),
    )
    previous_as_at = DayField(
        label=_("Date of the earlier statuses"),
        required=False,
        help_text=_(
            "The document says what stood before, not as at when. With a date these earlier statuses are recorded,"
            " marked as assumed; without one they are only listed."
        ),
    )

    def clean_file(self) -> Any:
        try:
            check_size(self.cleaned_data["file"].size)
        except SheetRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return self.cleaned_data["file"]
