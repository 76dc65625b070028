import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from inkseek.server.metrics import Metrics, RequestTimer


def read(metrics, name):
    """The rows of one name: labels and value."""
    text = metrics.write().decode()
    return {
        labels: float(value)
        for labels, value in re.findall(rf"^{name}(\{{.*\}})? (\S+)$", text, re.MULTILINE)
    }


@pytest.fixture
def timed():
    metrics = Metrics()
    app = FastAPI()
    app.add_middleware(RequestTimer, metrics=metrics)

    @app.get("/photos/{number}")
    def show(number: int) -> int:
        return 1 // number

    return metrics, TestClient(app, raise_server_exceptions=False)


def test_a_request_is_counted_by_its_route_rather_than_its_address(timed):
    metrics, client = timed
    for number in (1, 2, 3):
        client.get(f"/photos/{number}")
    counted = read(metrics, "inkseek_request_seconds_count")
    assert counted == {'{method="GET",route="/photos/{number}",status="200"}': 3}


def test_strange_methods_and_addresses_add_no_rows(timed):
    metrics, client = timed
    for i in range(20):
        client.request(f"X{i}", f"/{i}")
    assert len(read(metrics, "inkseek_request_seconds_count")) == 1


def test_a_mistake_is_counted(timed):
    metrics, client = timed
    client.get("/photos/0")
    assert read(metrics, "inkseek_mistakes_total") == {"": 1}


def test_two_services_count_apart():
    first, second = Metrics(), Metrics()
    first.encode.observe(0.01)
    assert read(first, "inkseek_encode_seconds_count") == {"": 1}
    assert read(second, "inkseek_encode_seconds_count") == {"": 0}
