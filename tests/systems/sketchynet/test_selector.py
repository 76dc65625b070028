import inspect

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from inkseek.errors import ModelError
from inkseek.models.backbones import count_parameters
from inkseek.systems.sketchynet.selector import create_selector, selector_to_onnx

PARAMETERS = {
    "gru": 51_840 + 516,
    "lstm": 69_120 + 516,
    # Points to width; attention, two layers within, two norms; head.
    "transformer": 768 + 66_048 + 65_920 + 512 + 516,
    "image": 160 + 4_640 + 18_496 + 260,
}
READERS = ("gru", "lstm", "transformer")


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def make_rows(batch, length):
    return torch.rand(batch, length, 5)


@pytest.mark.parametrize("kind", PARAMETERS)
def test_parameter_count(kind):
    assert count_parameters(create_selector(kind)) == PARAMETERS[kind]


def test_the_gru_is_the_papers():
    selector = create_selector()
    assert count_parameters(selector.cell) == 51_840
    assert count_parameters(selector.head) == 516
    assert selector.macs(100) == 5_107_200 + 512


@pytest.mark.parametrize("kind", PARAMETERS)
def test_the_policy_sums_to_one(kind):
    x = torch.rand(3, 1, 32, 32) if kind == "image" else make_rows(3, 7)
    log_policy = create_selector(kind)(x)
    assert log_policy.shape == (3, 4)
    torch.testing.assert_close(log_policy.exp().sum(1), torch.ones(3))


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("training", [True, False])
def test_padding_does_not_matter(kind, training):
    selector = create_selector(kind).train(training)
    lengths = torch.tensor([1, 4, 9, 6])
    rows = make_rows(4, 9)
    garbage = rows.clone()
    garbage[torch.arange(9) >= lengths[:, None]] = 1e3
    padded = torch.cat([garbage, torch.full((4, 5, 5), -7.0)], dim=1)
    with torch.no_grad():
        together = selector(padded, lengths)
        alone = torch.cat([selector(row[None, :n]) for row, n in zip(rows, lengths, strict=True)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_the_last_state_is_that_of_packed_sequences(kind):
    selector = create_selector(kind)
    rows, lengths = make_rows(3, 8), torch.tensor([8, 2, 5])
    packed = nn.utils.rnn.pack_padded_sequence(
        rows, lengths, batch_first=True, enforce_sorted=False
    )
    _, state = selector.cell(packed)
    last = state[0] if kind == "lstm" else state
    expected = selector.head(last[0]).log_softmax(1)
    torch.testing.assert_close(selector(rows, lengths), expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("kind", READERS)
def test_the_order_of_points_matters(kind):
    selector = create_selector(kind)
    rows = make_rows(2, 7)
    assert not torch.allclose(selector(rows), selector(rows.flip(1)), atol=1e-5)


@pytest.mark.parametrize("kind", PARAMETERS)
def test_every_parameter_gets_a_gradient(kind):
    selector = create_selector(kind)
    if kind == "image":
        log_policy = selector(torch.rand(3, 1, 32, 32))
    else:
        log_policy = selector(make_rows(3, 7), torch.tensor([7, 3, 5]))
    log_policy[:, 1].sum().backward()
    for name, parameter in selector.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("kind", READERS)
def test_no_gradient_comes_from_padding(kind):
    rows = make_rows(2, 6).requires_grad_()
    create_selector(kind)(rows, torch.tensor([2, 6]))[:, 0].sum().backward()
    assert rows.grad[0, :2].abs().sum() > 0
    assert rows.grad[0, 2:].abs().max() == 0


@pytest.mark.parametrize("kind", ["transformer", "image"])
def test_cost_agrees_with_torchs_counter(kind):
    selector = create_selector(kind)
    x = torch.rand(1, 1, 32, 32) if kind == "image" else make_rows(1, 10)
    with FlopCounterMode(display=False) as counter:
        selector(x)
    assert counter.get_total_flops() == 2 * selector.macs(10)


def test_an_unknown_kind_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ModelError, match="known: gru, lstm, transformer, image"):
        # Without the annotation checks of tests, as a recipe's word arrives.
        inspect.unwrap(create_selector)("rnn")


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_the_exported_selector_chooses_the_same_at_any_batch_and_length(kind):
    selector = create_selector(kind)
    model = selector_to_onnx(selector)
    assert [opset.version for opset in model.opset_import] == [17]
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    for batch, length in ((1, 1), (1, 100), (5, 13)):
        rows = make_rows(batch, length)
        (policy,) = session.run(["policy"], {"rows": rows.numpy()})
        expected = selector(rows).exp().detach().numpy()
        np.testing.assert_allclose(policy, expected, atol=1e-6)


def test_exporting_leaves_the_selector_as_it_was_and_the_file_without_paths():
    selector = create_selector().train()
    content = selector_to_onnx(selector).SerializeToString()
    assert selector.training
    assert b".py" not in content
