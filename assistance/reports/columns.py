"""The columns of the figures, in the order of every table."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from assistance.models import Status

NO_STEP = "no_step"

DEMAND = {
    "requests": _("Requests"),
    "offices": _("Offices that asked"),
    **dict(Status.choices),
    NO_STEP: _("no step recorded"),
}
DELIVERY = {
    "activities": _("Activities"),
    "participants": _("Participants"),
    "participants_stated": _("Activities that state participants"),
    "outcomes": _("Activities with an outcome"),
    "outcomes_percent": _("With an outcome (%)"),
    "days_n": _("Requests with an activity"),
    "days_smallest": _("Days to the first activity: smallest"),
    "days_median": _("Days to the first activity: median"),
    "days_largest": _("Days to the first activity: largest"),
}
SHARED = {
    "completed": _("Completed requests"),
    **{code: label for code, label in DELIVERY.items() if code not in {"days_smallest", "days_largest"}},
}
