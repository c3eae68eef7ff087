from django.urls import path

from kept.rights.views import case, centre, decide, desk, download, extend, journey, receipts, rows, status

urlpatterns = [
    path("privacy/", centre.privacy_centre, name="privacy_centre"),
    path("privacy/ask/", journey.ask, name="ask"),
    path("privacy/ask/you/", journey.who, name="ask_who"),
    path("privacy/ask/check/", journey.check, name="ask_check"),
    path("privacy/ask/code/", journey.sent, name="ask_sent"),
    path("privacy/ask/code/again/", journey.sent_again, name="ask_sent_again"),
    path("requests/", status.my_requests, name="my_requests"),
    path("requests/<str:key>/", status.status, name="request"),
    path("requests/<str:key>/progress/", status.status_progress, name="request_progress"),
    path("requests/<str:key>/code/", status.new_code, name="request_code"),
    path("requests/<str:key>/withdraw/", status.withdraw, name="request_withdraw"),
    path("requests/<str:key>/receipts/<int:number>/", receipts.receipt, name="request_receipt"),
    path("requests/<str:key>/file/<uuid:package_id>/", download.fetch, name="request_fetch"),
    path("requests/<str:key>/file/<uuid:package_id>/code/", download.new_package_code, name="request_fetch_code"),
    path("requests/<str:key>/file/<uuid:package_id>/revoke/", download.revoke, name="request_revoke"),
    path("desk/", desk.desk, name="desk"),
    path("desk/file/<uuid:package_id>/", decide.revoke, name="desk_revoke"),
    path("desk/<uuid:case_id>/", case.case, name="desk_case"),
    path("desk/<uuid:case_id>/part/", case.case_part, name="desk_case_part"),
    path("desk/<uuid:case_id>/receipts/<int:number>/", receipts.desk_receipt, name="desk_receipt"),
    path("desk/<uuid:case_id>/approve/", decide.approve, name="desk_approve"),
    path("desk/<uuid:case_id>/dry-run/", decide.show_dry_run, name="desk_dry_run"),
    path("desk/<uuid:case_id>/confirm/", decide.confirm, name="desk_confirm"),
    path("desk/<uuid:case_id>/extend/", extend.extend, name="desk_extend"),
    path("desk/<uuid:case_id>/return/", decide.take_back, name="desk_return"),
    path("desk/<uuid:case_id>/accounts/<slug:system>/", decide.accounts, name="desk_accounts"),
    path("desk/<uuid:case_id>/remains/<slug:system>/", decide.remains, name="desk_remains"),
    path("desk/<uuid:case_id>/rows/<slug:system>/<str:table>/", rows.rows, name="desk_rows"),
]
