"""What the pages about a round's progress show: which offices, which texts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from offices.forms import NarrowingForm
from offices.models import Office
from surveys.models import Question, Survey
from surveys.progress import Stage


class ProgressForm(NarrowingForm):
    """Which offices the progress page counts and lists."""

    field_order = ("search", "stage", "region", "group")

    search = forms.CharField(label=gettext_lazy("Name or code"), required=False, max_length=200)
    stage = forms.ChoiceField(
        label=gettext_lazy("State"), choices=[("", gettext_lazy("all states")), *Stage.choices], required=False
    )


class TextsForm(forms.Form):
    """Which texts are shown."""

    question = forms.ModelChoiceField(
        label=gettext_lazy("Question"),
        queryset=Question.objects.none(),
        to_field_name="key",
        required=False,
        empty_label=gettext_lazy("all questions"),
    )
    office = forms.ModelChoiceField(
        label=gettext_lazy("Office"),
        queryset=Office.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("all offices"),
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        questions, offices = self.fields["question"], self.fields["office"]
        questions.queryset = survey.questions.order_by("order", "key")  # type: ignore[attr-defined]
        questions.label_from_instance = lambda question: question.text  # type: ignore[attr-defined]
        offices.queryset = Office.objects.filter(invitations__survey=survey).by_name()  # type: ignore[attr-defined]
