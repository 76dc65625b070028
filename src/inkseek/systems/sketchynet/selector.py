"""The canvas selector: a policy over canvas sizes from the strokes of a sketch.

After "Sketch Down the FLOPs" (arXiv 2505.23763), section 4: GRU(5, 128), one layer, its last
valid hidden state, a linear layer, softmax. Section 3 and Table 3 compare other networks, whose
sizes the paper does not give: those here are our choice.
"""

import copy
import math
import tempfile
import warnings
from pathlib import Path
from typing import Literal

import onnx
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from inkseek.errors import ModelError

CANVAS_SIZES = (32, 64, 128, 256)
HIDDEN = 128
OPSET = 17

Kind = Literal["gru", "lstm", "transformer", "image"]
Rows = Float[Tensor, "batch length 5"]
Lengths = Int[Tensor, " batch"]
LogPolicy = Float[Tensor, "batch canvases"]


class RecurrentSelector(nn.Module):
    """GRU (51,840 parameters and 516 in the head) or LSTM over the points of a sketch."""

    def __init__(self, cell: type[nn.GRU] | type[nn.LSTM], num_canvases: int) -> None:
        super().__init__()
        self.cell = cell(5, HIDDEN, batch_first=True)
        self.num_gates = 3 if cell is nn.GRU else 4
        self.head = nn.Linear(HIDDEN, num_canvases)

    def forward(self, rows: Rows, lengths: Lengths | None = None) -> LogPolicy:
        """Logarithms of the policy; without ``lengths`` every row is a point.

        A state knows only what came before it, so the one at the last point is free of padding.
        """
        states, _ = self.cell(rows)
        if lengths is None:
            last = states[:, -1]
        else:
            last = states[torch.arange(len(states), device=states.device), lengths - 1]
        log_policy: Tensor = self.head(last).log_softmax(1)
        return log_policy

    def macs(self, length: int) -> int:
        """Multiply-adds for one sketch of so many points."""
        a_point = self.num_gates * HIDDEN * (5 + HIDDEN)
        return length * a_point + self.head.weight.numel()


class TransformerSelector(nn.Module):
    """One encoder layer of width 128 with sinusoidal places, then the mean over points."""

    HEADS = 4
    INNER = 256

    def __init__(self, num_canvases: int) -> None:
        super().__init__()
        self.embed = nn.Linear(5, HIDDEN)
        self.layer = nn.TransformerEncoderLayer(
            HIDDEN, self.HEADS, self.INNER, dropout=0.0, batch_first=True
        )
        self.head = nn.Linear(HIDDEN, num_canvases)

    def forward(self, rows: Rows, lengths: Lengths | None = None) -> LogPolicy:
        """Logarithms of the policy; without ``lengths`` every row is a point."""
        place = torch.arange(rows.shape[1], device=rows.device)
        points = self.embed(rows) + _encode_places(place)
        if lengths is None:
            mean = self.layer(points).mean(1)
        else:
            padding = place >= lengths[:, None]
            states = self.layer(points, src_key_padding_mask=padding)
            mean = states.masked_fill(padding[:, :, None], 0.0).sum(1) / lengths[:, None]
        log_policy: Tensor = self.head(mean).log_softmax(1)
        return log_policy

    def macs(self, length: int) -> int:
        """Multiply-adds for one sketch of so many points."""
        a_point = 5 * HIDDEN + 4 * HIDDEN**2 + 2 * HIDDEN * self.INNER
        return length * a_point + 2 * length**2 * HIDDEN + self.head.weight.numel()


class ImageSelector(nn.Module):
    """A small convolutional network on a 32-pixel raster, which must be drawn first."""

    SIZE = 32
    CHANNELS = (1, 16, 32, 64)

    def __init__(self, num_canvases: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(taken, given, 3, stride=2, padding=1)
            for taken, given in zip(self.CHANNELS[:-1], self.CHANNELS[1:], strict=True)
        )
        self.head = nn.Linear(self.CHANNELS[-1], num_canvases)

    def forward(self, ink: Float[Tensor, "batch 1 32 32"]) -> LogPolicy:
        """Logarithms of the policy; ink is 0 on paper, 1 where the pen was."""
        x: Tensor = ink
        for convolution in self.convolutions:
            x = torch.relu(convolution(x))
        log_policy: Tensor = self.head(x.mean((2, 3))).log_softmax(1)
        return log_policy

    def macs(self, length: int) -> int:
        """Multiply-adds for one sketch, however many points it has."""
        total = self.head.weight.numel()
        for depth in range(1, len(self.CHANNELS)):
            side = self.SIZE >> depth
            total += side**2 * 9 * self.CHANNELS[depth - 1] * self.CHANNELS[depth]
        return total


Selector = RecurrentSelector | TransformerSelector | ImageSelector


def create_selector(kind: Kind = "gru", *, num_canvases: int = len(CANVAS_SIZES)) -> Selector:
    """A selector with random weights; ``gru`` is the paper's.

    Raises:
        ModelError: There is no selector of that kind.
    """
    match kind:
        case "gru":
            return RecurrentSelector(nn.GRU, num_canvases)
        case "lstm":
            return RecurrentSelector(nn.LSTM, num_canvases)
        case "transformer":
            return TransformerSelector(num_canvases)
        case "image":
            return ImageSelector(num_canvases)
    raise ModelError(f"unknown selector {kind!r}; known: gru, lstm, transformer, image")


class _Policy(nn.Module):
    """Probabilities rather than their logarithms, for those who read the exported file."""

    def __init__(self, selector: RecurrentSelector) -> None:
        super().__init__()
        self.selector = selector

    def forward(self, rows: Tensor) -> Tensor:
        policy: Tensor = self.selector(rows).exp()
        return policy


def selector_to_onnx(selector: RecurrentSelector) -> onnx.ModelProto:
    """Export a GRU or LSTM: ``rows`` (batch, length, 5) to ``policy`` (batch, canvases).

    Batch and length are free and every row counts: sequences of a batch have the same length.
    """
    # Torch's own exporter for recurrent cells: the newer one spends a minute on the same graph.
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder) / "selector.onnx"
        # It warns that it is the older one, and of batch sizes, which the parity tests judge.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Policy(copy.deepcopy(selector)).eval(),
            (torch.zeros(2, 3, 5),),
            path,
            input_names=["rows"],
            output_names=["policy"],
            dynamic_axes={"rows": {0: "batch", 1: "length"}, "policy": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
        return onnx.load(path)


def _encode_places(place: Int[Tensor, " length"]) -> Float[Tensor, "length 128"]:
    """Sines and cosines of the place at geometric wavelengths (Vaswani et al. 2017, 3.5)."""
    steps = torch.arange(0, HIDDEN, 2, device=place.device)
    angle = place[:, None] * torch.exp(steps * (-math.log(10000.0) / HIDDEN))
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)
