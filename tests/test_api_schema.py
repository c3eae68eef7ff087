"""The interface for apps against its own document: whatever fits it, and whatever does not, is answered as it says."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from kept.rights.api.actions import add_client
from kept.rights.api.auth import CALLS
from kept.rights.api.models import Opening
from kept.rights.api.scopes import SCOPES
from kept.terms import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.store, pytest.mark.pages]

EXAMPLES = 25  # for each operation and each mode
OPERATIONS = ("list_rights", "open_request", "read_request", "mail_code_again", "withdraw_request", "check_decision",
    "log_automated_decision", "read_reviews",
)  # fmt: skip

# Which members `asked` may have depends on the right; whether an address is one, on more than its form.
BEYOND = {name: [positive_data_acceptance] for name in ("open_request", "check_decision", "log_automated_decision")}

REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]  # also for size
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}


@pytest.fixture
def document(db):
    site = get_wsgi_application()

    def served(environ, start_response):
        """As a server calls it: it says where the caller is."""
        return site({**environ, "REMOTE_ADDR": "192.0.2.1"}, start_response)

    config = schemathesis.Config.from_dict(CONFIG)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served, config=config)


def operations(document):
    return {found.ok().definition.raw["operationId"]: found.ok() for found in document.get_all_operations()}


def test_no_operation_is_left_out(document):
    assert sorted(operations(document)) == sorted(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_operation_answers_as_its_document_says(document, name, mode):
    """Also for what is really there: every second call names a request that the app has opened."""
    token = add_client("Tester", list(SCOPES), by=Actor.kept(), at=timezone.now()).token
    operation, ran = operations(document)[name], []
    assert CALLS.amount > 2 * EXAMPLES

    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case, real):
        if real and "request_id" in (case.path_parameters or {}) and (opening := Opening.objects.first()):
            case.path_parameters["request_id"] = str(opening.pk)
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=BEYOND.get(name, []))
        ran.append(case)

    run()
    assert ran
