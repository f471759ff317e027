"""The forms that invite offices, and say on which terms and with which answers they begin."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices.models import Office, OfficeGroup, OfficeQuerySet
from portal.forms import DayField, Refusable, RowForm
from surveys.models import Invitation, Response, Survey


class TermsForm(RowForm):
    """One office's own terms in a round."""

    closes_on = DayField(
        label=gettext_lazy("Own last day"),
        required=False,
        help_text=gettext_lazy("Empty: the round's last day. What comes after that one is marked as late."),
    )
    declined_on = DayField(label=gettext_lazy("Declined to take part on"), required=False)

    class Meta:
        model = Invitation
        fields = ["closes_on", "declined_on", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"note": gettext_lazy("Read by the secretariat, administrators and auditors.")}


class OfficesForm(Refusable, forms.Form):
    """Some offices, one by one or by groups."""

    offices = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Offices"),
        queryset=Office.objects.all(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Groups"),
        queryset=OfficeGroup.objects.all(),
        to_field_name="key",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey = survey
        offices = self.choosable()
        groups = OfficeGroup.objects.filter(offices__in=offices.values("pk")).distinct()
        self.fields["offices"].queryset = offices.by_name()  # type: ignore[attr-defined]
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]

    def choosable(self) -> OfficeQuerySet:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned["offices"] and not cleaned["groups"]:
            self.add_error(None, _("Choose at least one office or group."))
        return cleaned

    @property
    def chosen(self) -> models.QuerySet[Office]:
        picked = self.cleaned_data["offices"].values("pk")
        in_groups = Office.objects.filter(groups__in=self.cleaned_data["groups"]).values("pk")
        return Office.objects.filter(models.Q(pk__in=picked) | models.Q(pk__in=in_groups))


class InviteForm(OfficesForm):
    """Who else is asked; those already invited are no choice."""

    def choosable(self) -> OfficeQuerySet:
        there = Invitation.objects.filter(survey=self.survey).values("office")
        return Office.objects.filter(is_sample=self.survey.is_sample).exclude(pk__in=there)


class ExtendForm(OfficesForm):
    closes_on = DayField(label=gettext_lazy("New last day"))

    def choosable(self) -> OfficeQuerySet:
        return Office.objects.filter(invitations__survey=self.survey)


class CarryOverForm(Refusable, forms.Form):
    """The earlier round with whose answers offices begin."""

    source = forms.ModelChoiceField(
        label=gettext_lazy("Round"), queryset=Survey.objects.none(), to_field_name="key", empty_label=None
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sets = [survey.recommendation_set_id, survey.recommendation_set.supersedes_id]
        earlier = Survey.objects.filter(recommendation_set__in=[pk for pk in sets if pk], is_sample=survey.is_sample)
        submitted = Response.objects.submitted().filter(survey=models.OuterRef("pk"))
        rounds = earlier.filter(models.Exists(submitted)).exclude(pk=survey.pk)
        self.fields["source"].queryset = rounds  # type: ignore[attr-defined]
