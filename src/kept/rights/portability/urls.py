from django.urls import path

from kept.rights.portability.rules import UPLOAD, WELL_KNOWN
from kept.rights.portability.views import public, sending, taken

urlpatterns = [
    path(WELL_KNOWN[1:], public.document, name="portability_document"),
    path("schemas/kept-portability-1.json", public.schema, name="portability_schema"),
    path("portability/", public.about, name="portability"),
    path(UPLOAD[1:], public.announce, name="portability_announce"),
    path(f"{UPLOAD[1:]}<str:sha256>/", public.state, name="portability_state"),
    path(f"{UPLOAD[1:]}<str:sha256>/<int:offset>/", public.piece, name="portability_piece"),
    path("brought/<str:key>/", taken.taken, name="import"),
    path("brought/<str:key>/code/", taken.taken_code, name="import_code"),
    path("brought/<str:key>/decline/", taken.taken_decline, name="import_decline"),
    path("requests/<str:key>/send/", sending.confirm, name="request_send"),
    path("requests/<str:key>/send/code/", sending.code, name="request_send_code"),
    path("desk/brought/", taken.imports, name="imports"),
    path("desk/brought/<uuid:import_id>/", taken.imported, name="imported"),
]
