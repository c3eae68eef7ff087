from django.urls import path

from kept.collection.mail import views

urlpatterns = [
    path("desk/inbox/", views.inbox, name="inbox"),
    path("desk/inbox/<uuid:mail_id>/", views.mail, name="inbox_mail"),
    path("desk/inbox/<uuid:mail_id>/add/", views.add, name="inbox_add"),
    path("desk/inbox/<uuid:mail_id>/settle/", views.settle, name="inbox_settle"),
    path("desk/inbox/items/<uuid:item_id>/", views.item, name="inbox_item"),
]
