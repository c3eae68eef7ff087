from django.urls import path

from kept.use import views

urlpatterns = [
    path("desk/may-we-use/", views.may_we_use, name="may_we_use"),
]
