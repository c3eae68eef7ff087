"""Every address of the site. A section's own addresses stand in the section."""

from django.conf import settings
from django.urls import include, path

from kept.site import oversight, versions, views

urlpatterns = [
    path("", views.home, name="home"),
    path("client-area/", views.client_area, name="client_area"),
    path("client-area/policy/", versions.mine, name="my_versions"),
    path("client-area/policy/<int:number>/read/", versions.have_read, name="have_read"),
    path("account/", include("kept.people.urls")),
    path("policy/", include("kept.policy.urls")),
    path("desk/promises/", oversight.what_is_red, name="promises"),
    path("desk/promises/notices/", versions.notices, name="policy_notices"),
    path("desk/promises/look/", oversight.look_at_everything, name="look_at_everything"),
    path("desk/promises/<str:clause_id>/look/", oversight.look_again, name="look_again"),
    path("ledger/", include("kept.security.public.urls")),
    path("", include("kept.collection.urls")),
    path("", include("kept.rights.urls")),
    path("", include("kept.complaints.urls")),
    path("", include("kept.rights.api.urls")),
    path("", include("kept.rights.drp.urls")),
    path("", include("kept.use.urls")),
    path("", include("kept.site.security.urls")),
    path("outbox/", include("kept.post.urls")),
    path("healthz", views.healthz, name="healthz"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path(".well-known/change-password", views.change_password, name="change_password"),
]

if settings.DEMO:
    urlpatterns.append(path("demo/sign-in/", views.demo_sign_in, name="demo_sign_in"))

handler500 = "kept.site.views.server_error"
