"""The entry point for gunicorn: `gunicorn --no-control-socket portal.wsgi`."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


class Utf8Request(WSGIRequest):
    """Read as UTF-8 whatever it is said to be, which `portal.middleware` then refuses.

    Django's own already fails while it is made, where no page can say so, at what does not decode or is no charset.
    """

    @property
    def encoding(self) -> str:
        return "utf-8"

    @encoding.setter
    def encoding(self, charset: str) -> None:
        pass


application = get_wsgi_application()
application.request_class = Utf8Request
