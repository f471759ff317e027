"""What the coordinator and the focal points fill in for a call."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiu.actions.calls import FIELDS, Answer, words_of
from jiu.models import Update
from portal.forms import DayField, TextField
from recommendations.actions import Words
from recommendations.models import Acceptance, Implementation, Officer, StatusReport

CONTROL = {"class": "form-control"}
TEXT = CONTROL | {"dir": "auto"}
# A call for a day further ahead than this is a slip of the keyboard.
MOST_DAYS_AHEAD = 366
# The name of the button that says “no change” for a whole report.
ALL_UNCHANGED = "all_unchanged"


class CallForm(forms.Form):
    as_at = DayField(
        label=gettext_lazy("Status as at"),
        help_text=gettext_lazy("The day for which the report will say where each recommendation stands."),
        attrs=CONTROL,
    )
    closes_on = DayField(
        label=gettext_lazy("Answers by"), help_text=gettext_lazy("The last day for the focal points."), attrs=CONTROL
    )
    note = TextField(
        label=gettext_lazy("Note to the focal points"),
        required=False,
        strip=False,
        max_length=2_000,
        rows=3,
        attrs=TEXT,
    )

    def clean_as_at(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["as_at"]
        if abs((day - timezone.localdate()).days) > MOST_DAYS_AHEAD:
            raise ValidationError(_("This day is more than a year away from today."))
        return day

    def clean_closes_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["closes_on"]
        if day < timezone.localdate():
            raise ValidationError(_("This day is past: nobody could answer by then."))
        if (day - timezone.localdate()).days > MOST_DAYS_AHEAD:
            raise ValidationError(_("This day is more than a year away from today."))
        return day


@dataclass(frozen=True)
class Line:
    """One recommendation of the form: what stands, what was answered, and the fields."""

    update: Update
    standing: StatusReport | None
    unchanged: BoundField
    version: BoundField
    fields: list[BoundField]

    @property
    def is_open(self) -> bool:
        return self.update.state != Update.State.ACCEPTED


class AnswerForm(forms.Form):
    """Answers on some recommendations of one call. Fields are named `number.name`; blank lines say nothing."""

    def __init__(self, data: Any = None, *, updates: Sequence[Update], standing: dict[int, StatusReport]) -> None:
        """`standing` has what stands by recommendation. An update not answered yet is filled with that."""
        self.updates = updates
        self.standing = standing
        super().__init__(data, initial=self.opened())
        for update in updates:
            self.fields |= self.fields_of(update)

    def opened(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for update in self.updates:
            number = update.recommendation.number
            initial[f"{number}.version"] = update.version
            initial[f"{number}.unchanged"] = update.is_unchanged
            initial |= {f"{number}.{name}": value for name, value in vars(self.words_shown(update)).items()}
        return initial

    def words_shown(self, update: Update) -> Words:
        """What the fields hold when the form is opened."""
        is_answered = update.state != Update.State.ASKED
        return words_of(update) if is_answered else Words.of(self.standing.get(update.recommendation_id))

    def fields_of(self, update: Update) -> dict[str, forms.Field]:
        number, accepted = update.recommendation.number, update.state == Update.State.ACCEPTED
        blank = ("", _("not stated"))
        fields: dict[str, forms.Field] = {
            "unchanged": forms.BooleanField(
                label=_("No change"),
                required=False,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            ),
            "acceptance": forms.ChoiceField(
                label=_("Acceptance"),
                choices=[blank, *Acceptance.choices],
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            ),
            "implementation": forms.ChoiceField(
                label=_("Implementation"),
                choices=[blank, *Implementation.choices],
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            ),
            "assessment": TextField(
                label=_("Assessment"),
                required=False,
                strip=False,
                rows=4,
                attrs=TEXT,
            ),
            "evidence_url": forms.URLField(
                label=_("Link to evidence"),
                required=False,
                max_length=500,
                assume_scheme="https",
                widget=forms.URLInput(attrs=CONTROL | {"placeholder": "https://"}),
            ),
            "version": forms.IntegerField(widget=forms.HiddenInput, min_value=1),
        }
        for field in fields.values() if accepted else ():
            # Not `Field.disabled`: what somebody typed before it was accepted is read, and refused with both texts.
            field.required = False
            field.widget.attrs["disabled"] = True
        return {f"{number}.{name}": field for name, field in fields.items()}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for update in self.updates:
            number = update.recommendation.number
            words, standing = self.words_in(said, number), self.standing.get(update.recommendation_id)
            if update.state == Update.State.ACCEPTED:
                continue
            if said.get(f"{number}.unchanged"):
                if standing is None:
                    reason = _("Nothing was stated yet, so nothing can be unchanged: say where it stands.")
                    self.add_error(f"{number}.unchanged", reason)
                elif words != Words.of(standing):
                    reason = _("You say that nothing changed, and change something here: take back one of the two.")
                    self.add_error(f"{number}.unchanged", reason)
            elif self.says_something(said, update) and not (words.acceptance or words.implementation):
                self.add_error(f"{number}.acceptance", _("Say at least whether it is accepted, or how far it is."))
        return said

    def words_in(self, said: dict[str, Any], number: int) -> Words:
        return Words(**{name: said.get(f"{number}.{name}", "") for name in FIELDS})

    def says_something(self, said: dict[str, Any], update: Update) -> bool:
        """Whether a line is an answer: “no change” is ticked, or something differs from what was shown.

        What was sent back can be sent again as it is, from the page of this one recommendation.
        """
        number = update.recommendation.number
        insists = update.state == Update.State.SENT_BACK and len(self.updates) == 1
        changed = self.words_in(said, number) != self.words_shown(update)
        return insists or changed or bool(said.get(f"{number}.unchanged")) != update.is_unchanged

    @property
    def answers(self) -> list[Answer]:
        """What a valid form says; with the button for all, “no change” on every line that nobody touched."""
        said, all_others = self.cleaned_data, ALL_UNCHANGED in self.data
        found = []
        for update in self.updates:
            number = update.recommendation.number
            version, words = said[f"{number}.version"], self.words_in(said, number)
            unchanged = bool(said[f"{number}.unchanged"])
            standing = self.standing.get(update.recommendation_id)
            # A form that was opened when the answer was accepted already sends nothing about it.
            if version is None:
                continue
            if all_others and standing is not None and words == Words.of(standing):
                unchanged = True
            elif not self.says_something(said, update):
                continue
            found.append(Answer(update, version, words, unchanged))
        return found

    @cached_property
    def lines(self) -> list[Line]:
        return [
            Line(
                update,
                self.standing.get(update.recommendation_id),
                self[f"{update.recommendation.number}.unchanged"],
                self[f"{update.recommendation.number}.version"],
                [self[f"{update.recommendation.number}.{name}"] for name in FIELDS],
            )
            for update in self.updates
        ]


def typed_again(answers: Iterable[Answer], versions: dict[int, int]) -> dict[str, Any]:
    """The data of a form that says this on top of the versions saved now."""
    data: dict[str, Any] = {}
    for answer in answers:
        number = answer.update.recommendation.number
        data[f"{number}.version"] = versions[answer.update.pk]
        data |= {f"{number}.{name}": value for name, value in vars(answer.words).items()}
        if answer.is_unchanged:
            data[f"{number}.unchanged"] = "on"
    return data


class DecisionForm(forms.Form):
    """What the coordinator does with an answer."""

    COMMENT, SEND_BACK, ACCEPT, REASSIGN = "comment", "send_back", "accept", "reassign"

    decision = forms.ChoiceField(
        choices=[(name, name) for name in (COMMENT, SEND_BACK, ACCEPT, REASSIGN)], widget=forms.HiddenInput
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    comment = TextField(
        label=gettext_lazy("Comment"),
        required=False,
        strip=False,
        rows=2,
        attrs=TEXT,
    )
    officers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Posts that answer"),
        queryset=Officer.objects.all(),
        to_field_name="key",
        required=False,
        widget=forms.SelectMultiple(attrs={"class": "form-select", "size": 8}),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        wants_reason = said.get("decision") in {self.COMMENT, self.SEND_BACK}
        if wants_reason and not said.get("comment"):
            self.add_error("comment", _("Say what is missing: whoever reads it has nothing else to go by."))
        return said
