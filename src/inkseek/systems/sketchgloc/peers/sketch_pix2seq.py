"""sketch-pix2seq: a small convolutional encoder of the whole picture, no KL term.

Chen et al. 2017, "Sketch-pix2seq: a Model to Generate Sketches of Multiple Categories".
"""

import torch
import torch.nn.functional as F
from jaxtyping import UInt8
from torch import Tensor, nn

from inkseek.strokes.sketch import Sketch
from inkseek.systems.sketchgloc.encoder import Encoded
from inkseek.systems.sketchgloc.peers.drawing import draw_placed
from inkseek.systems.sketchgloc.peers.drawn import DrawnEncoder
from inkseek.systems.sketchgloc.peers.plan import PeerPlan

CANVAS_SIZE = 48

WIDTHS = (4, 4, 8, 8, 8, 8)
"""Layers of stride 2 and 1 in turn."""


class Pix2SeqEncoder(DrawnEncoder):
    """A fixed high-pass filter, six convolutions 2 x 2, tanh, mean and log variance.

    As in the widely used code, not the paper's figure, a fixed filter goes first. 74,960
    parameters at 48 pixels with codes of 128.
    """

    high_pass: Tensor

    def __init__(self, code: int, plan: PeerPlan) -> None:
        super().__init__(plan.canvas_size or CANVAS_SIZE)
        kernel = -torch.ones(1, 1, 3, 3)
        kernel[..., 1, 1] = 8
        self.register_buffer("high_pass", kernel, persistent=False)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(entry, width, 2, stride=2 - i % 2, bias=False)
            for i, (entry, width) in enumerate(zip((1, *WIDTHS[:-1]), WIDTHS, strict=True))
        )
        for kernels in self.convolutions.parameters():
            nn.init.kaiming_normal_(kernels, mode="fan_out", nonlinearity="relu")
        side = -(-self.canvas_size // 8)
        self.to_mean, self.to_log_variance = (
            nn.Linear(WIDTHS[-1] * side * side, code) for _ in range(2)
        )
        for layer in (self.to_mean, self.to_log_variance):
            nn.init.normal_(layer.weight, std=0.001)
            nn.init.zeros_(layer.bias)

    def see(self, sketches: list[Sketch], generator: torch.Generator | None) -> Encoded:
        """Look at the whole drawing; nothing here is random."""
        return self.look(torch.from_numpy(draw_placed(sketches, self.canvas_size)).to(self.device))

    def look(self, images: UInt8[Tensor, "batch side side"]) -> Encoded:
        """Encode pictures."""
        hidden = 1 - images[:, None].to(torch.float32) / 255
        hidden = F.conv2d(hidden, self.high_pass, padding=1)
        last = len(self.convolutions) - 1
        for i, layer in enumerate(self.convolutions):
            # Padding on the far sides alone, where a map or a step would not fit.
            far = 1 if i % 2 else hidden.shape[-1] % 2
            hidden = layer(F.pad(hidden, (0, far, 0, far)))
            hidden = torch.tanh(hidden) if i == last else F.relu(hidden)
        rows = hidden.flatten(1)
        return Encoded(self.to_mean(rows), self.to_log_variance(rows))
