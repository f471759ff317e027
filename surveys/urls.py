from django.urls import path

from surveys.views import comparison, offline, progress, respond, results, rounds
from surveys.views.manage import invitations, questions
from surveys.views.manage import rounds as manage

app_name = "surveys"

urlpatterns = [
    path("", rounds.survey_list, name="list"),
    path("new/", manage.create, name="create"),
    path("compare/", comparison.compare, name="compare"),
    path("compare.json", comparison.compare_json, name="compare_json"),
    path("compare.csv", comparison.compare_csv, name="compare_csv"),
    path("compare.xlsx", comparison.compare_xlsx, name="compare_xlsx"),
    path("<slug:survey>/", rounds.survey_detail, name="detail"),
    path("<slug:survey>/manage/", progress.progress, name="manage"),
    path("<slug:survey>/manage/texts/", progress.all_texts, name="manage_texts"),
    path("<slug:survey>/manage/edit/", manage.edit, name="manage_edit"),
    path("<slug:survey>/manage/close/", manage.close, name="manage_close"),
    path("<slug:survey>/manage/reopen/", manage.reopen, name="manage_reopen"),
    path("<slug:survey>/manage/preview/", questions.preview, name="manage_preview"),
    path("<slug:survey>/manage/questions/", questions.questions, name="manage_questions"),
    path("<slug:survey>/manage/add-question/", questions.add_question, name="add_question"),
    path("<slug:survey>/manage/questions/<slug:question>/", questions.edit_question, name="edit_question"),
    path("<slug:survey>/manage/questions/<slug:question>/remove/", questions.remove_question, name="remove_question"),
    path("<slug:survey>/manage/questions/<slug:question>/place/", questions.place_question, name="place_question"),
    path("<slug:survey>/manage/invitations/", invitations.invitations, name="manage_invitations"),
    path("<slug:survey>/manage/invite/", invitations.invite, name="manage_invite"),
    path("<slug:survey>/manage/carry-over/", invitations.carry_over, name="manage_carry_over"),
    path("<slug:survey>/manage/extend/", invitations.extend, name="manage_extend"),
    path("<slug:survey>/manage/invitations/<str:code>/", invitations.terms, name="manage_terms"),
    path("<slug:survey>/manage/invitations/<str:code>/withdraw/", invitations.withdraw, name="manage_withdraw"),
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
    path("<slug:survey>/cross/", comparison.cross, name="cross"),
    path("<slug:survey>/cross.json", comparison.cross_json, name="cross_json"),
    path("<slug:survey>/cross.csv", comparison.cross_csv, name="cross_csv"),
    path("<slug:survey>/cross.xlsx", comparison.cross_xlsx, name="cross_xlsx"),
]
