"""Requests on their way, and forms as a browser sends them back."""

import datetime

from django.utils import timezone

from assistance import actions, policies
from assistance.models import Request, Status
from tests.factories.assistance import RequestFactory, RequestStepFactory

LIST = "/assistance/requests/"
ASK = "/assistance/1/request/"
ONE = "/assistance/requests/r1/"

# The shortest way to each status.
WAYS = {
    None: [],
    "requested": ["requested"],
    "under_discussion": ["requested", "under_discussion"],
    "agreed": ["requested", "agreed"],
    "ongoing": ["requested", "agreed", "ongoing"],
    "completed": ["requested", "agreed", "ongoing", "completed"],
    "declined": ["requested", "declined"],
    "withdrawn": ["requested", "withdrawn"],
}
# From what to what.
PAIRS = [(before, after.value) for before in WAYS for after in Status]
ALLOWED = [pair for pair in PAIRS if pair[1] in policies.TRANSITIONS[policies.status_of(pair[0])]]
FORBIDDEN = [pair for pair in PAIRS if pair not in ALLOWED]


def days_ago(days: int) -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=days)


def standing_at(status: str | None, **fields) -> Request:
    """A request that came to this status by the shortest way, a step a day, the last one a day ago."""
    request = RequestFactory(**fields)
    for place, step in enumerate(reversed(WAYS[status]), start=1):
        note = "Because." if step == Status.DECLINED else ""
        RequestStepFactory(request=request, status=step, date=days_ago(place), note=note)
    return request


def words(**changes) -> dict[str, object]:
    return {"institution": "", "purpose": "To learn.", "contact": "", "wanted_by": None, **changes}


def take(request, status, by, **changes):
    given = {"date": timezone.localdate(), "note": "", "version": request.version, **changes}
    return actions.take_step(request=request, status=status, by=by, **given)


def sent(form, **changes):
    """What a browser would send back from a form as it is."""
    data = {name: form[name].value() for name in form.fields}
    data = {name: value.isoformat() if isinstance(value, datetime.date) else value for name, value in data.items()}
    return {name: "" if value is None else value for name, value in data.items()} | changes


def form_of(client, name, url=ONE):
    return client.get(url).context[name]


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())
