"""Rewording the sentences of a progress report."""

import datetime

from django.db import transaction

from jiu.models import BUREAU, ReportSentence
from jiu.reports.sentences import Sentence
from offices.models import User
from portal import audit
from portal.models import AuditEntry
from portal.writes import check_version


@transaction.atomic
def reword(
    *, as_at: datetime.date, since: datetime.date, sentence: Sentence, text: str, version: int, by: User
) -> None:
    """Save a sentence in other words; blank text brings the portal's own back.

    `version` is that of the form, 0 where nobody had reworded the sentence. Raises Stale.
    """
    place = {"as_at": as_at, "since": since, "name": sentence.name}
    if not text and not ReportSentence.objects.filter(**place).exists():
        return
    ReportSentence.objects.get_or_create(**place, defaults={"text": "", "version": 0})
    saved = ReportSentence.objects.select_for_update().get(**place)
    if saved.text == text:
        return
    check_version(saved, saved.version, version)
    saved.text, saved.version, saved.changed_by = text, version + 1, by
    saved.save()
    audit.record(
        by=by,
        path=AuditEntry.Path.FORM,
        action="reword sentence",
        subject=f"{as_at}, {since}: {sentence.name}",
        office_code=BUREAU,
        text=text,
    )
