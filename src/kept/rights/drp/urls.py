"""The Data Rights Protocol's addresses, and the pages of this door."""

from django.urls import path, re_path

from kept.rights.drp import pages, views

urlpatterns = [
    path(".well-known/data-rights.json", views.directory, name="drp_directory"),
    path("v1/agent/<str:agent_id>", views.agent, name="drp_agent"),
    path("v1/data-rights-request", views.requests, name="drp_requests"),
    path("v1/data-rights-request/", views.requests, name="drp_requests_slash"),
    path("v1/data-rights-request/<str:request_id>", views.one_request, name="drp_request"),
    path("v1/data-rights-request/<str:request_id>/", views.one_request, name="drp_request_slash"),
    re_path(r"^v1/.*$", views.nothing_here, name="drp_nothing"),
    path("privacy/agent/<str:key>/", pages.agent_request, name="agent_request"),
    path("privacy/agent/<str:key>/code/", pages.agent_request_code, name="agent_request_code"),
    path("security/agents/", pages.agents_page, name="security_agents"),
    path("security/agents/add/", pages.add, name="security_agent_add"),
    path("security/agents/<uuid:agent_pk>/end/", pages.end, name="security_agent_end"),
]
