from django.urls import path

from kept.security.public import views

app_name = "ledger"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("consistency/<int:first>/<int:second>", views.consistency, name="consistency"),
    path("kept_verify.py", views.verifier, name="verifier"),
]
