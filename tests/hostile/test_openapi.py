"""Requests made from the OpenAPI document, right ones and wrong ones: what schemathesis finds."""

import time

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from inkseek.server.app import Access, create_app

NUM_EXAMPLES = 4
"""Of each kind of request to each address; the same in every run."""

CONFIG = {
    "checks": {
        # What is well formed may still be refused: an embedding that has not length 1, a drawing
        # without strokes, a job while another one runs, to open the file manager from elsewhere.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "403", "404", "409", "413", "422"]
        },
        # No file manager: a computer without a screen may run this.
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "501"]},
    }
}


@pytest.fixture
def operations(empty_searcher):
    """What the document of a service that is up says can be asked, by method and path."""
    app = create_app(empty_searcher, Access(hosts=("testserver",)))
    with TestClient(app, base_url="http://testserver") as client:
        for _ in range(3000):
            if client.get("/api/ready").status_code == 200:
                break
            time.sleep(0.1)
        config = SchemathesisConfig.from_dict(CONFIG)
        schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config)
        # An event stream of jobs has no end; tests/server/routes/test_jobs.py reads one.
        found = schema.exclude(path="/api/jobs/events").get_all_operations()
        yield {operation.label: operation for operation in (each.ok() for each in found)}


@pytest.mark.slow
def test_the_service_keeps_what_its_document_promises(operations):
    assert len(operations) > 20
    broken = {}
    for label, operation in operations.items():
        for mode in GenerationMode:
            try:
                check(operation, mode)
            except Unsatisfiable:
                # There is no wrong request for an address that takes nothing.
                assert mode is GenerationMode.NEGATIVE
            except BaseExceptionGroup as group:
                broken[f"{mode.value} {label}"] = [str(error) for error in group.exceptions]
            except AssertionError as error:
                broken[f"{mode.value} {label}"] = [str(error)]
    assert broken == {}


def check(operation, mode):
    """Ask with a few requests of one kind; every answer must keep what the document says."""

    @settings(max_examples=NUM_EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate()

    ask()
