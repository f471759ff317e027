from django.urls import path

from recommendations import views

app_name = "recommendations"

urlpatterns = [
    path("", views.set_list, name="list"),
    path("<slug:key>/", views.set_detail, name="set"),
    path("<slug:key>/<int:number>/", views.recommendation_detail, name="detail"),
]
