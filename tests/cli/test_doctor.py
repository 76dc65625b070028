import json

import pytest

from inkseek.cli import doctor as doctor_module
from inkseek.errors import ModelError


def run_json(inkseek):
    code, out, _ = inkseek("doctor", "--json")
    report = json.loads(out)
    return code, report["ok"], {check["name"]: check for check in report["checks"]}


@pytest.fixture
def healthy(monkeypatch):
    """A machine on which the model and the samples are in place."""
    monkeypatch.setattr(doctor_module, "_run_model", lambda: "digest 0123, 128 dimensions")
    monkeypatch.setattr(doctor_module, "_count_samples", lambda: "300 photos")


@pytest.mark.usefixtures("healthy")
def test_a_healthy_machine_exits_with_zero(inkseek):
    code, ok, checks = run_json(inkseek)
    assert (code, ok) == (0, True)
    assert {"Python", "numpy", "onnxruntime", "default model", "sample gallery"} <= set(checks)
    assert {check["status"] for check in checks.values()} <= {"ok", "absent"}


@pytest.mark.usefixtures("healthy")
def test_prints_a_table_for_people(inkseek):
    code, out, _ = inkseek("doctor")
    assert code == 0
    assert "default model" in out
    assert out.endswith("Everything works.\n")


@pytest.mark.usefixtures("healthy")
def test_a_broken_model_is_named_and_exits_with_one(inkseek, monkeypatch):
    def fail():
        raise ModelError("card.json is missing; reinstall it")

    monkeypatch.setattr(doctor_module, "_run_model", fail)
    code, ok, checks = run_json(inkseek)
    assert (code, ok) == (1, False)
    assert checks["default model"]["status"] == "broken"
    assert checks["default model"]["detail"] == "card.json is missing; reinstall it"


@pytest.mark.usefixtures("healthy")
def test_a_package_that_does_not_import_is_broken(inkseek, monkeypatch):
    real = doctor_module.importlib.import_module

    def fail(name):
        if name == "onnxruntime":
            raise ImportError("libfoo.so: cannot open")
        return real(name)

    monkeypatch.setattr(doctor_module.importlib, "import_module", fail)
    code, _, checks = run_json(inkseek)
    assert (code, checks["onnxruntime"]["status"]) == (1, "broken")


@pytest.mark.usefixtures("healthy")
def test_training_packages_are_optional(inkseek, monkeypatch):
    monkeypatch.setattr(doctor_module, "EXTRA_MODULES", {"train": ("no-such-package",)})
    code, _, checks = run_json(inkseek)
    assert (code, checks["extra: train"]["status"]) == (0, "absent")
    assert "pip install inkseek[train]" in checks["extra: train"]["detail"]


def test_the_shipped_model_and_samples_work(inkseek):
    _, _, checks = run_json(inkseek)
    assert checks["default model"]["status"] == "ok", checks["default model"]["detail"]
    assert checks["sample gallery"]["status"] == "ok", checks["sample gallery"]["detail"]
