from django.urls import path

from notices import views

app_name = "notices"

urlpatterns = [
    path("", views.reminder_list, name="list"),
    path("send/", views.send, name="send"),
    path("<int:pk>/", views.settle, name="settle"),
]
