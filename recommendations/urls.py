from django.urls import path

from recommendations import views

app_name = "recommendations"

urlpatterns = [
    path("", views.set_list, name="list"),
    path("<slug:key>/", views.set_detail, name="set"),
    path("<slug:key>/<int:number>/", views.recommendation_detail, name="detail"),
]

# Below /offices/: offices may not know what is recommended to them.
status_urls = (
    [
        path("<str:code>/status/<slug:key>/", views.office_statuses, name="set"),
        path("<str:code>/status/<slug:key>/<int:number>/", views.office_status, name="detail"),
    ],
    "status",
)
