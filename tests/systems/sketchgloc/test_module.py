import torch
from torch import nn

from inkseek.systems.sketchgloc.data import find_limits
from inkseek.systems.sketchgloc.module import SketchGlocModule, clip_each


def test_each_gradient_is_clipped_for_itself():
    long, short, stacked = (
        nn.Parameter(torch.zeros(*shape)) for shape in ((2,), (2, 1), (2, 1, 2))
    )
    long.grad = torch.tensor([30.0, 40.0])
    short.grad = torch.tensor([[0.3], [0.4]])
    stacked.grad = torch.tensor([[[3.0, 4.0]], [[0.3, 0.4]]])
    clip_each([long, short, stacked, nn.Parameter(torch.zeros(1))], 1.0)
    torch.testing.assert_close(long.grad, torch.tensor([0.6, 0.8]))
    torch.testing.assert_close(short.grad, torch.tensor([[0.3], [0.4]]))
    torch.testing.assert_close(stacked.grad, torch.tensor([[[0.6, 0.8]], [[0.3, 0.4]]]))


def test_the_optimisers_rate_falls_with_its_steps(layouts, tiny):
    module = SketchGlocModule(tiny, layouts.scale, find_limits(tiny, layouts))
    made = module.configure_optimizers()
    optimizer, schedule = made["optimizer"], made["lr_scheduler"]["scheduler"]
    assert made["lr_scheduler"]["interval"] == "step"
    for step in range(3):
        assert optimizer.param_groups[0]["lr"] == tiny.rate_at(step)
        optimizer.step()
        schedule.step()


def test_the_start_depends_on_the_seed_alone(layouts, tiny):
    limits = find_limits(tiny, layouts)
    first = SketchGlocModule(tiny, 1.0, limits).state_dict()
    torch.rand(7)
    again = SketchGlocModule(tiny, 1.0, limits).state_dict()
    assert all(torch.equal(value, again[key]) for key, value in first.items())
