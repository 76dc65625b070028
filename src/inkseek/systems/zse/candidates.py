"""An endless stream of sketches with candidates out of all photos whose tokens are stored."""

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.stored import StoredTokens
from inkseek.training.stream import StepStream


class CandidateStream(StepStream):
    """Batches of tokens in single precision."""

    def __init__(self, config: ZseConfig, stored: StoredTokens, first_step: int = 0) -> None:
        super().__init__(config.seed, first_step, config.last_step)
        self.config = config
        self.stored = stored
        self.categories = torch.unique(stored.sketch_category)

    def batch(self, step: int) -> dict[str, Tensor]:
        """The batch of one step: categories are equally likely, and so are views of one.

        All photos of other categories are equally likely as negatives. Were the nearest by
        retrieval tokens preferred among these but not among the positives, a large cosine would
        speak for a negative, and the network would learn to distrust what is right at search time.

        Returns:
            ``sketch``: tokens of ``items`` sketches. ``photo``: for each of them tokens of one
            photo of its category, then of ``negatives`` others. ``step``.
        """
        seed = int(self.generator(step).integers(2**63))
        generator = torch.Generator().manual_seed(seed)
        chosen = torch.randint(len(self.categories), (self.config.items,), generator=generator)
        asked = self.categories[chosen][:, None]
        sketches = draw(asked == self.stored.sketch_category, 1, generator)
        same = asked == self.stored.photo_category
        photos = [
            draw(same, 1, generator),
            draw(~same, self.config.negatives, generator),
        ]
        return {
            "sketch": self.stored.sketch[sketches[:, 0]].float(),
            "photo": self.stored.photo[torch.cat(photos, dim=1).flatten()].float(),
            "step": torch.tensor(step),
        }


def draw(
    possible: Bool[Tensor, "query choices"], count: int, generator: torch.Generator
) -> Int64[Tensor, "query count"]:
    """So many of the possible choices of each row, all equally likely; one may come again."""
    return torch.multinomial(possible.float(), count, replacement=True, generator=generator)
