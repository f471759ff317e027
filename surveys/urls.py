from django.urls import path

from surveys.views import manage, offline, progress, respond, results, rounds

app_name = "surveys"

urlpatterns = [
    path("", rounds.survey_list, name="list"),
    path("new/", manage.create, name="create"),
    path("<slug:survey>/", rounds.survey_detail, name="detail"),
    path("<slug:survey>/manage/", progress.progress, name="manage"),
    path("<slug:survey>/manage/texts/", progress.all_texts, name="manage_texts"),
    path("<slug:survey>/manage/edit/", manage.edit, name="manage_edit"),
    path("<slug:survey>/manage/close/", manage.close, name="manage_close"),
    path("<slug:survey>/manage/reopen/", manage.reopen, name="manage_reopen"),
    path("<slug:survey>/manage/preview/", manage.preview, name="manage_preview"),
    path("<slug:survey>/manage/questions/", manage.questions, name="manage_questions"),
    path("<slug:survey>/manage/add-question/", manage.add_question, name="add_question"),
    path("<slug:survey>/manage/questions/<slug:question>/", manage.edit_question, name="edit_question"),
    path("<slug:survey>/manage/questions/<slug:question>/remove/", manage.remove_question, name="remove_question"),
    path("<slug:survey>/manage/questions/<slug:question>/place/", manage.place_question, name="place_question"),
    path("<slug:survey>/manage/invitations/", manage.invitations, name="manage_invitations"),
    path("<slug:survey>/manage/invite/", manage.invite, name="manage_invite"),
    path("<slug:survey>/manage/extend/", manage.extend, name="manage_extend"),
    path("<slug:survey>/manage/invitations/<str:code>/", manage.terms, name="manage_terms"),
    path("<slug:survey>/manage/invitations/<str:code>/withdraw/", manage.withdraw, name="manage_withdraw"),
    path("<slug:survey>/respond/<str:code>/", respond.respond, name="respond"),
    path("<slug:survey>/respond/<str:code>/review/", respond.review, name="review"),
    path("<slug:survey>/respond/<str:code>/receipt/", respond.receipt, name="receipt"),
    path("<slug:survey>/respond/<str:code>/discard/", respond.discard, name="discard"),
    path("<slug:survey>/respond/<str:code>/questionnaire.xlsx", offline.questionnaire_xlsx, name="questionnaire_xlsx"),
    path("<slug:survey>/respond/<str:code>/upload/", offline.upload, name="upload"),
    path("<slug:survey>/results/", results.results, name="results"),
    path("<slug:survey>/results.json", results.results_json, name="results_json"),
    path("<slug:survey>/results.csv", results.results_csv, name="results_csv"),
    path("<slug:survey>/results.xlsx", results.results_xlsx, name="results_xlsx"),
]
