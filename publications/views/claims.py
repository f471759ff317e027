"""Claims of official documents beside the data."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.views import swaps_part, wants_part
from publications import policies
from publications.models import Claim
from publications.reports import Verdict, by_document, compare_claims, count_verdicts


class ClaimsForm(forms.Form):
    """Which document, which verdict; blank stands for all."""

    document = forms.ChoiceField(label=gettext_lazy("Document"), required=False)
    verdict = forms.ChoiceField(
        label=gettext_lazy("Verdict"), required=False, choices=[("", gettext_lazy("all verdicts")), *Verdict.choices]
    )

    def __init__(self, data: Any, documents: Collection[str]) -> None:
        super().__init__(data)
        choices = [("", _("all documents")), *((document, document) for document in documents)]
        self.fields["document"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them


def check_reader(request: HttpRequest) -> None:
    if not policies.may_read_claims(request.user):
        raise PermissionDenied(_("Claims stand beside figures that are not published: they are for the secretariat."))


@require_safe
@login_required
@swaps_part
def claims(request: HttpRequest) -> HttpResponse:
    """Every claim beside the data, document by document."""
    check_reader(request)
    compared = compare_claims(Claim.objects.all())
    form = ClaimsForm(request.GET, [group.document for group in by_document(compared)])
    if not form.is_valid():
        raise Http404(_("There is no such document or verdict."))
    document, verdict = form.cleaned_data["document"], form.cleaned_data["verdict"]
    of_document = [item for item in compared if document in {"", item.claim.document}]
    context = {
        "form": form,
        "counts": count_verdicts(of_document),
        "total": len(of_document),
        "documents": by_document(of_document, verdict),
    }
    return render(request, "publications/_claims.html" if wants_part(request) else "publications/claims.html", context)


@require_safe
@login_required
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """One claim with all the rows behind the figure."""
    check_reader(request)
    found = get_object_or_404(Claim, pk=pk)
    [comparison] = compare_claims([found])
    return render(request, "publications/claim.html", {"claim": found, "comparison": comparison})
