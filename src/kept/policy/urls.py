from django.urls import path

from kept.policy import views

app_name = "policy"
urlpatterns = [
    path("", views.whole_policy, name="policy"),
    path("one-screen/", views.one_screen, name="one_screen"),
    path("one-line-each/", views.one_line_each, name="one_line_each"),
    path("laws/", views.by_law, name="laws"),
    path("versions/", views.history, name="versions"),
    path("versions/<int:number>/", views.one_version, name="version"),
    path("<str:clause_id>/", views.one_clause, name="clause"),
    path("<str:clause_id>/looks.csv", views.looks_as_csv, name="looks"),
]
