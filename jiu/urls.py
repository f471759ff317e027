from django.urls import path

from jiu.views import calls, catalogue, documents, imports, reports, reviews

app_name = "jiu"

urlpatterns = [
    path("", catalogue.index, name="index"),
    path("progress-report/", reports.progress_report, name="progress_report"),
    path("progress-report.json", reports.progress_report_json, name="progress_report_json"),
    path("progress-report.docx", documents.progress_report_docx, name="progress_report_docx"),
    path("progress-report/document/", documents.document, name="document"),
    path("progress-report/sentences/<slug:name>/", documents.sentence, name="sentence"),
    path("import/", imports.upload, name="import"),
    path("import/<uuid:pending>/", imports.confirm, name="import_confirm"),
    path("calls/", calls.call_list, name="calls"),
    path("calls/open/", calls.open_call, name="open_call"),
    path("calls/<slug:day>/", calls.call, name="call"),
    path("calls/<slug:day>/close/", calls.close, name="close_call"),
    path("calls/<slug:day>/<slug:key>/", calls.answer_set, name="answer_set"),
    path("calls/<slug:day>/<slug:key>/<int:number>/", calls.answer, name="answer"),
    path("calls/<slug:day>/<slug:key>/<int:number>/decide/", calls.decide, name="decide"),
    path("reviews/", reviews.review_list, name="reviews"),
]
