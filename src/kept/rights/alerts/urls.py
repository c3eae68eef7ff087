from django.urls import path

from kept.rights.alerts import views

urlpatterns = [
    path("not-me/<str:token>/", views.not_me, name="not_me"),
    path("desk/<uuid:case_id>/not-theirs/", views.settle, name="desk_settle"),
]
