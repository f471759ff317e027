"""One mail: what it says, and how the mail server took it."""

from __future__ import annotations

import contextlib
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from notices.models import Reminder
from notices.reports import Due
from portal.text import one_line

# The server answered, and did not take the mail.
REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
# Longer subjects are cut by mail programs anyway.
MAX_SUBJECT = 150


class NotSent(Exception):
    """The mail surely did not go out."""


class ServerUnreachable(NotSent):
    """No mail can go out at present."""


class PerhapsSent(Exception):
    """Something broke after the mail was handed over: nobody knows whether it went out."""


def compose(due: Due, reminder: Reminder) -> EmailMessage:
    """In the portal's own language; its links lead to SITE_URL, whoever had it sent and from where."""
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "survey": due.survey,
            "office": due.office,
            "last_day": due.invitation.last_day,
            "link": link_to("surveys:respond", due.survey.key, due.office.code),
            "portal": settings.SITE_URL,
        }
        subject = render_to_string(f"notices/mail/{due.kind}_subject.txt", context)
        body = render_to_string(f"notices/mail/{due.kind}.txt", context)
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return EmailMessage(
        one_line(subject.strip(), MAX_SUBJECT),
        body.strip() + "\n",
        to=list(due.addresses),
        # One number for one reminder: a mail system that has it already can tell a repeated one.
        headers={"Message-ID": f"<reminder-{reminder.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )


def link_to(view: str, *args: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(view, args=args)}"


def deliver(due: Due, reminder: Reminder) -> None:
    """Send one mail over a connection of its own. Raises NotSent, ServerUnreachable or PerhapsSent."""
    try:
        message = compose(due, reminder)
        message.message()  # what cannot be written as a mail fails here, before anything is sent
    except Exception as error:
        raise NotSent(told(error)) from error
    try:
        connection = get_connection()
        connection.open()
    except Exception as error:
        raise ServerUnreachable(told(error)) from error
    try:
        connection.send_messages([message])
    except REFUSALS as error:
        raise NotSent(told(error)) from error
    except Exception as error:
        raise PerhapsSent(told(error)) from error
    finally:
        with contextlib.suppress(Exception):  # how the mail went is known by then
            connection.close()


def told(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}", 500)
