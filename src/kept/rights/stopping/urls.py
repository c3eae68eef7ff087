from django.urls import path

from kept.rights.stopping import views

urlpatterns = [
    path("requests/<str:key>/objections/<uuid:objection_id>/", views.take_back, name="request_take_back"),
    path("desk/<uuid:case_id>/said/", views.write_down, name="desk_write_down"),
    path("desk/<uuid:case_id>/by-hand/<slug:system>/", views.by_hand, name="desk_by_hand"),
    path("desk/<uuid:case_id>/end-of-pause/", views.announce, name="desk_announce"),
    path("desk/<uuid:case_id>/end-of-pause/call-off/", views.call_off, name="desk_call_off"),
]
