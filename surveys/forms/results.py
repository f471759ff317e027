"""What the pages of results ask: the base, the filters, which rounds and which questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices.forms import NarrowingForm
from surveys.models import Question, Survey
from surveys.questionnaire import Match, Questionnaire
from surveys.results import Base, Comparison


class ResultsForm(NarrowingForm):
    """The switch of the base, and the filters by group and region."""

    field_order: Sequence[str] = ("base", "group", "region")

    base = forms.ChoiceField(
        label=gettext_lazy("Percentages of"),
        choices=[
            (Base.RESPONDING.value, gettext_lazy("responding offices")),
            (Base.ANSWERED.value, gettext_lazy("offices that answered the question")),
        ],
        required=False,
    )

    @property
    def chosen_base(self) -> Base:
        return Base(self.cleaned_data["base"] or Base.RESPONDING)


class RoundChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # of rounds
    def label_from_instance(self, obj: Survey) -> str:
        return f"{obj.title} ({obj.opens_on.year}, {obj.recommendation_set.symbol or obj.recommendation_set.key})"


class ComparisonForm(ResultsForm):
    """Which rounds stand beside each other, and how."""

    field_order = ("rounds", "question", "base", "group", "region", "match", "both")

    rounds = RoundChoice(
        label=gettext_lazy("Rounds"),
        queryset=Survey.objects.none(),
        to_field_name="key",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    question = forms.CharField(label=gettext_lazy("Question"), required=False, widget=forms.Select)
    match = forms.ChoiceField(
        label=gettext_lazy("Recommendations of different sets are the same by"),
        choices=[
            (Match.LABEL.value, gettext_lazy("their label")),
            (Match.NUMBER.value, gettext_lazy("their number")),
        ],
        required=False,
    )
    both = forms.BooleanField(label=gettext_lazy("Only offices that responded in every round"), required=False)

    def __init__(self, *args: Any, surveys: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rounds"].queryset = surveys.select_related("recommendation_set")  # type: ignore[attr-defined]

    @property
    def chosen_match(self) -> Match:
        return Match(self.cleaned_data["match"] or Match.LABEL)

    def offer(self, comparison: Comparison) -> None:
        """The questions that these rounds have in common, once they are known."""
        questions = [(question.key, question.text) for question in comparison.questions]
        self.fields["question"].widget.choices = [("", _("all questions")), *questions]
        if not comparison.several_sets:
            del self.fields["match"]


class CrosstableForm(ResultsForm):
    """Which two questions stand against each other."""

    field_order = ("rows", "columns", "base", "group", "region")

    # What is sent is read by `find_axis`, which tells a question that is not there from one not chosen fully.
    rows = forms.CharField(label=gettext_lazy("Rows"), required=False, widget=forms.Select)
    columns = forms.CharField(label=gettext_lazy("Columns"), required=False, widget=forms.Select)

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire
        choices = [("", _("choose a question")), *self.choices()]
        for name in ("rows", "columns"):
            self.fields[name].widget.choices = choices

    def choices(self) -> Iterator[tuple[str, Any]]:
        """Each question, those asked of each recommendation with every one of them."""
        for place, question in enumerate(self.questionnaire.questions, start=1):
            title = f"{place}. {question.text}"
            if question.kind in {Question.Kind.CHOICE, Question.Kind.TEXT}:
                yield question.key, title
                continue
            together = (question.key, f"{place}: {_('all Recommendations together')}")
            single = [
                (f"{question.key}:{item.number}", f"{place}: {item.number}. {item.label}")
                for item in self.questionnaire.recommendations
            ]
            yield title, [together, *single] if question.kind == Question.Kind.SELECT else single
