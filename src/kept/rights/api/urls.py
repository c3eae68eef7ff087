"""The door for the company's apps, the pages that explain it, and the staff's page about the apps."""

from django.urls import path, re_path

from kept.rights.api import pages, v1

urlpatterns = [
    path("api/", pages.reference, name="api_reference"),
    path("api/problems/", pages.problems, name="api_problems"),
    path("api/problems/<slug:slug>/", pages.problem, name="api_problem"),
    path("security/apps/", pages.apps, name="security_apps"),
    path("security/apps/add/", pages.add, name="security_app_add"),
    path("security/apps/<uuid:client_id>/revoke/", pages.revoke, name="security_app_revoke"),
    path(v1.PREFIX, v1.urls),
    re_path(r"^api/v1/.*$", pages.nothing_here, name="api_nothing"),
]
