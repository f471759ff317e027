"""What the trail has as an action, and how it is called in the reader's language."""

from __future__ import annotations

from django.apps import apps
from django.utils.translation import gettext, gettext_lazy, gettext_noop

# What is written into the trail as an action, so that each can be translated.
ACTIONS = [
    gettext_noop("import"),
    gettext_noop("undo import"),
    gettext_noop("create account"),
    gettext_noop("renew password"),
    gettext_noop("invite person"),
    gettext_noop("send invitation again"),
    gettext_noop("revoke invitation"),
    gettext_noop("accept invitation"),
    gettext_noop("change membership"),
    gettext_noop("remove membership"),
    gettext_noop("activate person"),
    gettext_noop("deactivate person"),
    gettext_noop("change portal role"),
    gettext_noop("add second factor"),
    gettext_noop("remove second factor"),
    gettext_noop("rename second factor"),
    gettext_noop("remove second factors"),
    gettext_noop("change name"),
    gettext_noop("set password"),
    gettext_noop("record statuses"),
    gettext_noop("create round"),
    gettext_noop("change round"),
    gettext_noop("close round"),
    gettext_noop("reopen round"),
    gettext_noop("add question"),
    gettext_noop("change question"),
    gettext_noop("remove question"),
    gettext_noop("order questions"),
    gettext_noop("invite offices"),
    gettext_noop("withdraw invitation"),
    gettext_noop("change invitation"),
    gettext_noop("extend deadline"),
    gettext_noop("carry over answers"),
    gettext_noop("open questionnaire"),
    gettext_noop("save response"),
    gettext_noop("submit response"),
    gettext_noop("discard draft"),
    gettext_noop("send reminder"),
    gettext_noop("send reminder again"),
    gettext_noop("reminder failed"),
    gettext_noop("reminder unknown"),
    gettext_noop("confirm reminder"),
    gettext_noop("open call"),
    gettext_noop("close call"),
    gettext_noop("answer call"),
    gettext_noop("comment on update"),
    gettext_noop("send update back"),
    gettext_noop("accept update"),
    gettext_noop("reassign update"),
    gettext_noop("reword sentence"),
    gettext_noop("ask for assistance"),
    gettext_noop("step of a request"),
    gettext_noop("record activity"),
    gettext_noop("change activity"),
    gettext_noop("add programme"),
    gettext_noop("change programme"),
    gettext_noop("publish"),
    gettext_noop("release comments"),
]

# Those of the admin pages are a verb and the name of a model.
VERBS = {"add": gettext_lazy("add"), "change": gettext_lazy("change"), "delete": gettext_lazy("delete")}


def label_of(action: str) -> str:
    """The action in the reader's language; as it is written where nobody named it."""
    if action in ACTIONS:
        return gettext(action)
    verb, _space, name = action.partition(" ")
    models = {model._meta.model_name: model._meta.verbose_name for model in apps.get_models()}
    if verb in VERBS and name in models:
        return gettext("%(verb)s: %(model)s") % {"verb": VERBS[verb], "model": models[name]}
    return action
