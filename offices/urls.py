from django.urls import path

from offices.views import directory as views

app_name = "offices"

urlpatterns = [
    path("", views.office_list, name="list"),
    path("<str:code>/", views.office_detail, name="detail"),
]
