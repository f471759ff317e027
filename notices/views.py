"""What was written to offices, what is due now, and what nobody knows about."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from notices import policies, reports
from notices.actions import sending
from notices.forms import ReminderFilterForm, SendForm
from notices.models import Reminder
from offices.models import User
from portal.models import AuditEntry
from portal.views import swaps_part, wants_part
from portal.writes import Refused
from surveys.models import Survey

REMINDERS_A_PAGE = 50
# Mails that one press of a button sends: a request may not last for ever. The command has no such end.
MAILS_AT_ONCE = 50


@require_safe
@login_required
@swaps_part
def reminder_list(request: HttpRequest) -> HttpResponse:
    """What is due now, and what was sent, when, to how many."""
    check_follower(request)
    surveys = Survey.objects.visible_to(request.user)
    form = ReminderFilterForm(request.GET, surveys.filter(reminders__isnull=False).distinct())
    if not form.is_valid():
        raise Http404(_("There is no such round, kind or state."))
    reminders = Reminder.objects.visible_to(request.user)
    now, given = timezone.now(), form.cleaned_data
    found = reminders.with_outcome(given["outcome"], now) if given["outcome"] else reminders
    chosen = {name: given[name] for name in ("survey", "kind") if given[name]}
    listed = found.filter(**chosen).select_related("survey", "office", "claimed_by")
    context = {
        "form": form,
        "page": Paginator(listed, REMINDERS_A_PAGE).get_page(request.GET.get("page")),
        "may_send": policies.may_send(request.user),
    }
    if wants_part(request):
        return render(request, "notices/_results.html", context)
    due = reports.by_round(reports.due_reminders(timezone.localdate()))
    unknown = reminders.unknown(now).count()
    return render(request, "notices/list.html", {**context, "due": due, "unknown": unknown, "most": MAILS_AT_ONCE})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def send(request: HttpRequest) -> HttpResponse:
    """Send what is due in a round now; who comes here by a link, as after signing in, is led to the list."""
    user = sender(request)
    if request.method != "POST":
        return redirect("notices:list")
    form = SendForm(request.POST, Survey.objects.visible_to(user))
    if not form.is_valid():
        raise Http404(_("There is no such round or kind."))
    tally = sending.send_due(by=user, path=AuditEntry.Path.FORM, most=MAILS_AT_ONCE, **form.cleaned_data)
    tell(request, tally)
    return redirect("notices:list")


def tell(request: HttpRequest, tally: sending.Tally) -> None:
    sent, left = len(tally.sent), tally.left
    messages.success(request, ngettext("%(n)d mail was sent.", "%(n)d mails were sent.", sent) % {"n": sent})
    if tally.unreachable:
        sentence = _("The mail server cannot be reached (%(error)s). Nothing is lost: send again when it can.")
        messages.error(request, sentence % {"error": tally.unreachable})
    elif left:
        sentence = ngettext("%(n)d mail is left: send again.", "%(n)d mails are left: send again.", left)
        messages.warning(request, sentence % {"n": left})
    for reminder in [*tally.failed, *tally.unknown]:
        values = {"office": reminder.office, "outcome": reminder.outcome.label, "error": reminder.error}
        messages.warning(request, _("%(office)s: %(outcome)s (%(error)s)") % values)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about a reminder that was not sent, or perhaps was: send it again, or say that it arrived."""
    user = sender(request)
    reminder = get_object_or_404(Reminder.objects.visible_to(user), pk=pk)
    if request.method != "POST":
        return redirect("notices:list")
    decision = request.POST.get("decision")
    if decision not in {"again", "arrived"}:
        raise Http404
    try:
        if decision == "again":
            settled = sending.send_again(reminder=reminder, by=user, path=AuditEntry.Path.FORM)
        else:
            settled = sending.confirm(reminder=reminder, by=user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        values = {"office": settled.office, "outcome": settled.outcome.label}
        messages.success(request, _("%(office)s: %(outcome)s.") % values)
    return redirect("notices:list")


def check_follower(request: HttpRequest) -> None:
    if not policies.may_follow(request.user):
        raise Http404


def sender(request: HttpRequest) -> User:
    """Who has mails sent. For those who may not even see them there is no such page."""
    check_follower(request)
    if not isinstance(request.user, User) or not policies.may_send(request.user):
        raise PermissionDenied(_("Offices are written to by the secretariat."))
    return request.user
