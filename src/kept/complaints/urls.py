from django.urls import path

from kept.complaints.views import acts, desk, person

urlpatterns = [
    path("privacy/complain/", person.complain, name="complain"),
    path("privacy/complain/sent/", person.complain_sent, name="complain_sent"),
    path("complaints/", person.my_complaints, name="my_complaints"),
    path("complaints/<str:key>/", person.complaint, name="complaint"),
    path("complaints/<str:key>/code/", person.new_code, name="complaint_code"),
    path("complaints/<str:key>/add/", person.add, name="complaint_add"),
    path("complaints/<str:key>/withdraw/", person.withdraw, name="complaint_withdraw"),
    path("complaints/<str:key>/file/<uuid:file_id>/", person.file, name="complaint_file"),
    path("complaints/<str:key>/receipts/<int:number>/", person.receipt, name="complaint_receipt"),
    path("desk/complaints/", desk.complaints, name="desk_complaints"),
    path("desk/complaints/new/", desk.write_down, name="desk_complaint_new"),
    path("desk/complaints/<uuid:complaint_id>/", desk.complaint, name="desk_complaint"),
    path("desk/complaints/<uuid:complaint_id>/acknowledge/", acts.acknowledge, name="desk_complaint_acknowledge"),
    path("desk/complaints/<uuid:complaint_id>/take/", acts.take, name="desk_complaint_take"),
    path("desk/complaints/<uuid:complaint_id>/tell/", acts.tell, name="desk_complaint_tell"),
    path("desk/complaints/<uuid:complaint_id>/note/", acts.note, name="desk_complaint_note"),
    path("desk/complaints/<uuid:complaint_id>/link/", acts.link, name="desk_complaint_link"),
    path("desk/complaints/<uuid:complaint_id>/law/", acts.law, name="desk_complaint_law"),
    path("desk/complaints/<uuid:complaint_id>/decide/", acts.decide, name="desk_complaint_decide"),
    path("desk/complaints/<uuid:complaint_id>/reopen/", acts.reopen, name="desk_complaint_reopen"),
    path("desk/complaints/<uuid:complaint_id>/read/", acts.read, name="desk_complaint_read"),
    path("desk/complaints/<uuid:complaint_id>/file/<uuid:file_id>/", desk.file, name="desk_complaint_file"),
    path("desk/complaints/<uuid:complaint_id>/receipts/<int:number>/", desk.receipt, name="desk_complaint_receipt"),
]
