"""/security/: approvals, the access log, backups, controls, breaches, staff; and who looked at one's own data."""

from django.urls import path

from kept.site.security import approvals, backups, breaches, controls, entries, reads, staff

urlpatterns = [
    path("client-area/who-looked/", reads.who_looked, name="who_looked"),
    path("security/", approvals.overview, name="security"),
    path("security/approvals/", approvals.approvals, name="security_approvals"),
    path("security/approvals/<uuid:approval_id>/", approvals.approval, name="security_approval"),
    path("security/access-log/", reads.log, name="security_log"),
    path("security/access-log/<uuid:read_id>/", reads.settle, name="security_read"),
    path("security/entries/", entries.entries, name="security_entries"),
    path("security/entries/<int:number>/", entries.entry_receipt, name="security_entry"),
    path("security/backups/", backups.backups, name="security_backups"),
    path("security/controls/", controls.controls, name="security_controls"),
    path("security/controls/add/", controls.add, name="security_control_add"),
    path("security/controls/usual/", controls.usual, name="security_controls_usual"),
    path("security/controls/<uuid:control_id>/", controls.control, name="security_control"),
    path("security/breaches/", breaches.breaches, name="security_breaches"),
    path("security/breaches/report/", breaches.report, name="security_breach_report"),
    path("security/breaches/<uuid:breach_id>/", breaches.breach, name="security_breach"),
    path("security/breaches/<uuid:breach_id>/facts/", breaches.facts, name="security_breach_facts"),
    path("security/breaches/<uuid:breach_id>/count/", breaches.count, name="security_breach_count"),
    path("security/breaches/<uuid:breach_id>/close/", breaches.close, name="security_breach_close"),
    path("security/breaches/<uuid:breach_id>/notice/<slug:to>/", breaches.notice, name="security_breach_notice"),
    path("security/staff/", staff.staff, name="security_staff"),
    path("security/staff/<uuid:account_id>/end/", staff.end, name="security_staff_end"),
]
