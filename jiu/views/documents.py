"""The progress report as a document: read, reworded, taken along as DOCX."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiu import policies, reports
from jiu.actions.sentences import reword
from jiu.documents import progress_document, rewordings
from jiu.forms.dates import DatesForm
from jiu.forms.sentences import SentenceForm
from jiu.models import ReportSentence
from jiu.reports import ProgressReport
from jiu.reports.sentences import LANGUAGE, SENTENCES, Sentence, figures_of, fill
from offices.models import User
from offices.policies import is_secretariat
from portal.downloads import send_docx
from portal.held import give_back
from portal.views import form_page
from portal.word.writing import write_docx
from portal.writes import Stale


@require_safe
@login_required
def document(request: HttpRequest) -> HttpResponse:
    """The report as it would be sent to the committee; each sentence leads to the page that rewords it."""
    report = get_report(request)
    asked = query(report)
    rewords = policies.may_run_calls(request.user)
    links = {name: f"{reverse('jiu:sentence', args=[name])}?{asked}" for name in SENTENCES} if rewords else {}
    context = {"report": report, "document": progress_document(report), "edit_links": links, "query": asked}
    context["may_publish"] = is_secretariat(request.user)
    return render(request, "jiu/document.html", context)


@require_safe
@login_required
def progress_report_docx(request: HttpRequest) -> FileResponse:
    report = get_report(request)
    name = f"progress-report-{report.as_at}-since-{report.since}"
    return send_docx(partial(write_docx, progress_document(report)), name)


@form_page
def sentence(request: HttpRequest, name: str) -> HttpResponse:
    """Reword one sentence of the report for two dates."""
    report, known = get_report(request), SENTENCES.get(name)
    if known is None or not isinstance(request.user, User) or not policies.may_run_calls(request.user):
        raise Http404
    if request.method != "POST":
        form = SentenceForm(give_back(request), sentence=known, initial=opened(report, known))
        return render_sentence(request, report, known, form, HTTPStatus.OK)
    form = SentenceForm(request.POST, sentence=known)
    if not form.is_valid():
        return render_sentence(request, report, known, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        reword(
            as_at=report.as_at,
            since=report.since,
            sentence=known,
            text=form.cleaned_data["text"],
            version=form.cleaned_data["version"],
            by=request.user,
        )
    except Stale as error:
        return conflict(request, report, known, form, error.current)
    messages.success(request, _("The sentence is saved."))
    return redirect(f"{reverse('jiu:document')}?{query(report)}")


def conflict(
    request: HttpRequest, report: ProgressReport, known: Sentence, form: SentenceForm, saved: ReportSentence
) -> HttpResponse:
    """Both texts; what was typed stays in the form, on top of what is saved now."""
    again = SentenceForm({"text": form.cleaned_data["text"], "version": saved.version}, sentence=known)
    theirs = saved.text or known.words
    return render_sentence(request, report, known, again, HTTPStatus.CONFLICT, theirs=theirs)


def opened(report: ProgressReport, known: Sentence) -> dict[str, object]:
    saved = rewordings(report).filter(name=known.name).first()
    text = saved.text if saved and saved.text else known.words
    return {"text": text, "version": saved.version if saved else 0}


def render_sentence(
    request: HttpRequest, report: ProgressReport, known: Sentence, form: SentenceForm, status: int, theirs: str = ""
) -> HttpResponse:
    figures = figures_of(report)
    context = {
        "report": report,
        "form": form,
        "own": known.words,
        "language": LANGUAGE,
        "filled": fill(known.words, figures),
        "figures": [(f"{{{name}}}", figures[name]) for name in known.placeholders],
        "theirs": theirs,
        "query": query(report),
    }
    return render(request, "jiu/sentence.html", context, status=status)


def get_report(request: HttpRequest) -> ProgressReport:
    """The report that the query string asks for; without its two dates there is none."""
    if not policies.may_read_progress(request.user):
        raise PermissionDenied(_("The progress report is for the secretariat and the Bureau's coordinator."))
    form = DatesForm(request.GET)
    if not form.is_valid():
        raise Http404(_("A progress report is for two dates, the earlier one before the later."))
    return reports.progress_report(**form.cleaned_data)


def query(report: ProgressReport) -> str:
    return urlencode({"as_at": report.as_at, "since": report.since})
