import torch

from inkseek.systems.sketchgloc.peers.read_out import ReadOut, spread


def test_rows_go_to_the_nodes_that_exist():
    present = torch.tensor([[True, False, True], [True, False, False]])
    nodes = spread(torch.arange(1.0, 7.0).reshape(3, 2), present)
    assert nodes.tolist() == [[[1, 2], [0, 0], [3, 4]], [[5, 6], [0, 0], [0, 0]]]


def test_the_scale_of_sums_does_not_matter_in_training():
    torch.manual_seed(0)
    read_out = ReadOut(6, 3).train()
    summed = torch.randn(50, 6)
    first, second = (read_out(summed * factor) for factor in (10.0, 1000.0))
    torch.testing.assert_close(first.mean, second.mean, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(first.log_variance, second.log_variance, rtol=1e-3, atol=1e-4)


def test_a_penalty_is_handed_on():
    assert ReadOut(2, 2)(torch.randn(3, 2)).penalty is None
    assert ReadOut(2, 2)(torch.randn(3, 2), torch.tensor(4.0)).penalty == 4
