from django.urls import path

from surveys.views import respond, results, rounds

app_name = "surveys"

urlpatterns = [
    path("", rounds.survey_list, name="list"),
    path("<slug:survey>/", rounds.survey_detail, name="detail"),
    path("<slug:survey>/respond/<str:code>/", respond.respond, name="respond"),
    path("<slug:survey>/results/", results.results, name="results"),
    path("<slug:survey>/results.json", results.results_json, name="results_json"),
    path("<slug:survey>/results.csv", results.results_csv, name="results_csv"),
    path("<slug:survey>/results.xlsx", results.results_xlsx, name="results_xlsx"),
]
