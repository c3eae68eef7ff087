from django.urls import path

from kept.rights.automated import views

urlpatterns = [
    path("automated-decisions/", views.made_here, name="automated_made_here"),
    path("desk/decision-rules/", views.register, name="automated_rules"),
    path("desk/decision-rules/add/", views.add, name="automated_rule_add"),
    path("desk/decision-rules/<uuid:rule_id>/", views.rule, name="automated_rule"),
    path("desk/decision-rules/<uuid:rule_id>/change/", views.change, name="automated_rule_change"),
    path("desk/decision-rules/<uuid:rule_id>/end/", views.end, name="automated_rule_end"),
    path("desk/decision-rules/<uuid:rule_id>/<int:number>/approve/", views.approve, name="automated_rule_approve"),
    path("desk/<uuid:case_id>/decisions/", views.decisions, name="automated_decisions"),
    path("desk/<uuid:case_id>/decisions/<uuid:decision_id>/", views.decide, name="automated_decide"),
]
