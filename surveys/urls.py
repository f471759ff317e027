from django.urls import path

from surveys import views

app_name = "surveys"

urlpatterns = [
    path("", views.survey_list, name="list"),
    path("<slug:survey>/", views.survey_detail, name="detail"),
    path("<slug:survey>/respond/<str:code>/", views.respond, name="respond"),
    path("<slug:survey>/results/", views.results, name="results"),
    path("<slug:survey>/results.json", views.results_json, name="results_json"),
    path("<slug:survey>/results.csv", views.results_csv, name="results_csv"),
    path("<slug:survey>/results.xlsx", views.results_xlsx, name="results_xlsx"),
]
