"""What a network costs, counted two ways.

`count_macs` counts multiply-adds of convolutions and linear layers, which is what a chip does.
`count_macs_as_the_paper` follows the SketchyNet paper's tables, which are 2 x the count of
ptflops up to 0.6.9: biases, normalisations, activations and pools that are modules are added.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

POOLS = (
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d,
)
RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU)


def count_macs(network: nn.Module, canvas_size: int) -> int:
    """Multiply-adds of convolutions and linear layers for one image."""
    return _count(network, canvas_size, _macs_of_kernel)


def count_macs_as_the_paper(network: nn.Module, canvas_size: int) -> int:
    """The paper's count for one image: `count_macs` and what modules beside them do."""

    def macs(module: nn.Module, taken: Tensor, given: Tensor) -> int:
        total = _macs_of_kernel(module, taken, given)
        if isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None:
            total += given.numel()
        elif isinstance(module, nn.BatchNorm2d):
            total += 2 * given.numel()
        elif isinstance(module, RECTIFIERS):
            total += given.numel()
        elif isinstance(module, POOLS):
            total += taken.numel()
        return total

    return _count(network, canvas_size, macs)


def _macs_of_kernel(module: nn.Module, taken: Tensor, given: Tensor) -> int:
    if isinstance(module, nn.Conv2d):
        return given.numel() * module.weight[0].numel()
    if isinstance(module, nn.Linear):
        return given.numel() * module.in_features
    return 0


def _count(
    network: nn.Module, canvas_size: int, macs: Callable[[nn.Module, Tensor, Tensor], int]
) -> int:
    total = 0

    def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        total += macs(module, inputs[0], output)

    counted = (nn.Conv2d, nn.Linear, nn.BatchNorm2d, *RECTIFIERS, *POOLS)
    handles = [
        module.register_forward_hook(hook)
        for module in network.modules()
        if isinstance(module, counted)
    ]
    was_training = network.training
    network.eval()
    try:
        device = next(network.parameters()).device
        with torch.no_grad():
            network(torch.zeros(1, 3, canvas_size, canvas_size, device=device))
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()
    return total
