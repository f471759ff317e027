"""Figures and documents as files to take along."""

import io
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from portal.spreadsheets.writing import CellTooLong
from portal.views import message_page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

type_of_writer = Callable[[IO[bytes]], object]


def send_json(content: dict[str, Any]) -> JsonResponse:
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def send_csv(lines: Iterable[str], name: str) -> StreamingHttpResponse:
    """The lines as they are made."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def send_xlsx(request: HttpRequest, write: type_of_writer, name: str) -> HttpResponse | FileResponse:
    """A workbook; where a text is longer than a cell holds, a page that says which."""
    try:
        return send_file(write, f"{name}.xlsx", XLSX)
    except CellTooLong as error:
        return message_page(request, _("This workbook cannot be made"), str(error), status=HTTPStatus.CONFLICT)


def send_docx(write: type_of_writer, name: str) -> FileResponse:
    return send_file(write, f"{name}.docx", DOCX)


def send_file(write: type_of_writer, filename: str, content_type: str) -> FileResponse:
    file = io.BytesIO()
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=content_type)
