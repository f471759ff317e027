from django.urls import path

from assistance.views import figures, menu, programmes, requests

app_name = "assistance"

urlpatterns = [
    path("", menu.menu, name="menu"),
    path("new/", programmes.add, name="programme_new"),
    path("figures/", figures.figures, name="figures"),
    path("figures.json", figures.figures_json, name="figures_json"),
    path("figures.csv", figures.figures_csv, name="figures_csv"),
    path("figures.xlsx", figures.figures_xlsx, name="figures_xlsx"),
    path("requests/", requests.request_list, name="requests"),
    path("requests/<slug:key>/", requests.request_detail, name="request"),
    path("requests/<slug:key>/step/", requests.step, name="step"),
    path("requests/<slug:key>/activity/", requests.activity, name="activity"),
    path("requests/<slug:key>/activity/<int:pk>/", requests.edit_activity, name="activity_edit"),
    path("requests/<slug:key>/withdraw/", requests.withdraw, name="withdraw"),
    path("<int:number>/", menu.programme, name="programme"),
    path("<int:number>/request/", requests.ask, name="ask"),
    path("<int:number>/edit/", programmes.edit, name="programme_edit"),
    path("<int:number>/offer/", programmes.offer, name="programme_offer"),
]
