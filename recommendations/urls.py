from django.urls import path

from recommendations.views import catalogue, statuses

app_name = "recommendations"

urlpatterns = [
    path("", catalogue.set_list, name="list"),
    path("<slug:key>/", catalogue.set_detail, name="set"),
    path("<slug:key>/<int:number>/", catalogue.recommendation_detail, name="detail"),
]

# Below /offices/: offices may not know what is recommended to them.
status_urls = (
    [
        path("<str:code>/status/<slug:key>/", statuses.office_statuses, name="set"),
        path("<str:code>/status/<slug:key>/<int:number>/", statuses.office_status, name="detail"),
    ],
    "status",
)
