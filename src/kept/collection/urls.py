from django.urls import path

from kept.collection.calls import views as calls
from kept.collection.letters import views as letters
from kept.collection.mail import views

urlpatterns = [
    path("desk/inbox/", views.inbox, name="inbox"),
    path("desk/inbox/<uuid:mail_id>/", views.mail, name="inbox_mail"),
    path("desk/inbox/<uuid:mail_id>/ground/", views.ground, name="inbox_ground"),
    path("desk/inbox/<uuid:mail_id>/add/", views.add, name="inbox_add"),
    path("desk/inbox/<uuid:mail_id>/settle/", views.settle, name="inbox_settle"),
    path("desk/inbox/items/<uuid:item_id>/", views.item, name="inbox_item"),
    path("desk/letters/", letters.letters, name="letters"),
    path("desk/letters/add/", letters.add, name="letter_add"),
    path("desk/letters/<uuid:letter_id>/", letters.letter, name="letter"),
    path("desk/letters/<uuid:letter_id>/ground/", letters.ground, name="letter_ground"),
    path("desk/letters/<uuid:letter_id>/settle/", letters.settle, name="letter_settle"),
    path("desk/letters/<uuid:letter_id>/scans/<int:number>/", letters.scan, name="letter_scan"),
    path("desk/calls/", calls.calls, name="calls"),
    path("desk/calls/add/", calls.add, name="call_add"),
    path("desk/calls/<uuid:call_id>/", calls.call, name="call"),
    path("desk/calls/<uuid:call_id>/ground/", calls.ground, name="call_ground"),
    path("desk/calls/<uuid:call_id>/back/", calls.back, name="call_back"),
    path("desk/calls/<uuid:call_id>/settle/", calls.settle, name="call_settle"),
]
