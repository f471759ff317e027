"""Where a round stands, and what offices wrote."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.views import swaps_part, wants_part
from surveys.forms.progress import ProgressForm, TextsForm
from surveys.progress import compute_progress, texts
from surveys.views.manage.common import find_round, page

TEXTS_A_PAGE = 100


@require_safe
@login_required
@swaps_part
def progress(request: HttpRequest, survey: str) -> HttpResponse:
    """How many opened, began and submitted; by office, and over time."""
    found = find_round(request, survey, to_change=False)
    form = ProgressForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such state, region or group."))
    given = form.cleaned_data
    standing = compute_progress(found, narrowing=form.narrowing, stage=given["stage"], search=given["search"])
    part = "_progress" if wants_part(request) else "progress"
    return page(request, part, found, progress=standing, form=form)


@require_safe
@login_required
@swaps_part
def all_texts(request: HttpRequest, survey: str) -> HttpResponse:
    """Answers in words and comments, of submitted responses."""
    found = find_round(request, survey, to_change=False)
    form = TextsForm(request.GET, survey=found)
    if not form.is_valid():
        raise Http404(_("There is no such question or office in this round."))
    given = form.cleaned_data
    written = texts(found, question=given["question"], office=given["office"])
    shown = Paginator(written, TEXTS_A_PAGE).get_page(request.GET.get("page"))
    return page(request, "_texts" if wants_part(request) else "texts", found, texts=shown, form=form)
