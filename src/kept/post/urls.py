from django.urls import path

from kept.post import views

urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("<uuid:message_id>/", views.message, name="outbox_message"),
    path("<uuid:message_id>/html/", views.html_part, name="outbox_html"),
]
