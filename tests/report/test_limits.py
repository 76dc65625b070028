import numpy as np
import onnx
import onnxruntime as ort
import pytest

from inkseek.report import limits


def test_the_matrix_product_model_is_valid_and_multiplies():
    model = limits._matrix_product_model(4)
    onnx.checker.check_model(onnx.load_from_string(model))
    generator = np.random.default_rng(0)
    left = generator.integers(0, 255, (4, 4), dtype=np.uint8)
    right = generator.integers(-127, 127, (4, 4), dtype=np.int8)
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (product,) = session.run(None, {"left": left, "right": right})
    np.testing.assert_array_equal(product, left.astype(int) @ right.astype(int))


def test_rates_are_those_of_a_computer():
    assert 1e8 < limits.multiply_add_rate() < 1e14
    assert 1e8 < limits.read_bandwidth() < 1e13
    assert 1e8 < limits.write_bandwidth() < 1e13


def test_the_best_of_several_runs_counts_after_a_warm_up():
    pauses = iter([0.05, *[0.02] * (limits.REPEATS - 1), 0.001])
    seconds = limits.best_seconds(lambda: limits.time.sleep(next(pauses)))
    assert 0.001 <= seconds < 0.015


@pytest.mark.parametrize(
    ("encoder", "decoder", "cores", "limit"),
    [(100, 100, 1, 50), (300, 600, 1, 200), (100, 100, 2, 100), (900, 100, 2, 180)],
)
def test_one_core_decodes_and_embeds_in_turn(encoder, decoder, cores, limit):
    assert limits.indexing_rate(float(encoder), float(decoder), cores) == pytest.approx(limit)


def test_imports_take_longer_than_none():
    assert limits.import_seconds(["sys"]) > 0.001
