"""Batch norms that differ by canvas size, in a network whose other weights are shared.

Activations of a sketch at 32 pixels and of one at 256 have different statistics; one norm for
both mixes them (Yu et al., "Slimmable Neural Networks", ICLR 2019, section 3.3, for widths; the
resolution-adaptive networks of the SketchyNet paper's section 2 do the same for sides).
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn


class SwitchableBatchNorm(nn.Module):
    """One batch norm a key, all started from the same one; `use_norms` says which one works."""

    def __init__(self, norm: nn.BatchNorm2d, keys: Iterable[str]) -> None:
        super().__init__()
        self.norms = nn.ModuleDict({key: _copy(norm) for key in keys})
        self.key = next(iter(self.norms))

    def forward(
        self, features: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Normalise by the statistics of the chosen key."""
        normed: Tensor = self.norms[self.key](features)
        return normed


def split_norms(network: nn.Module, keys: Iterable[str]) -> None:
    """Replace every batch norm of a network by one norm a key, in place.

    timm's norms that activate as well keep their activation behind the norm.
    """
    chosen = tuple(keys)
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.BatchNorm2d):
            switchable: nn.Module = SwitchableBatchNorm(module, chosen)
            activation = getattr(module, "act", None)
            if isinstance(activation, nn.Module):
                switchable = nn.Sequential(switchable, activation)
            network.set_submodule(name, switchable.train(module.training))


def use_norms(network: nn.Module, key: str) -> None:
    """Let the norms of one key work from here on.

    Raises:
        KeyError: No norm has that key.
    """
    for module in network.modules():
        if isinstance(module, SwitchableBatchNorm):
            if key not in module.norms:
                raise KeyError(f"no batch norms for {key!r}; there are {', '.join(module.norms)}")
            module.key = key


def merge_norms(network: nn.Module, key: str) -> None:
    """Leave the norms of one key as plain batch norms, in place: a network for that key alone."""
    for name, module in list(network.named_modules()):
        if isinstance(module, SwitchableBatchNorm):
            network.set_submodule(name, module.norms[key])


def _copy(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    plain = nn.BatchNorm2d(norm.num_features, norm.eps, norm.momentum)
    wanted = plain.state_dict().keys()
    with torch.no_grad():
        plain.load_state_dict({k: v for k, v in norm.state_dict().items() if k in wanted})
    return plain
