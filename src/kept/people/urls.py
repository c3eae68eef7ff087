from django.urls import include, path

from kept.people import views

urlpatterns = [
    path("name/", views.name, name="account_name"),
    path("details/", views.details, name="account_details"),
    path("passkey/", views.passkey, name="account_passkey"),
    path("browsers/", views.browsers, name="account_browsers"),
    path("browsers/sign-out/", views.sign_out_browsers, name="account_sign_out_browsers"),
    path("browsers/<uuid:browser_id>/sign-out/", views.sign_out_browser, name="account_sign_out_browser"),
    path("", include("allauth.urls")),
]
