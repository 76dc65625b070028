"""Whether a stated confidence can be believed: of the answers given at 0.8, are 80 % right?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from inkseek.errors import DatasetError


@dataclass(frozen=True)
class ReliabilityBin:
    """The answers whose confidence falls in [low, high); the last bin includes its end.

    Attributes:
        low: Smallest confidence of the bin.
        high: End of the bin.
        count: Answers in the bin.
        confidence: Their mean stated confidence, or the middle of an empty bin.
        accuracy: The share of them that is right, or nan in an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability_bins(
    confidence: Float[np.ndarray, " query"],
    correct: Bool[np.ndarray, " query"],
    *,
    num_bins: int = 10,
) -> list[ReliabilityBin]:
    """The points of a reliability diagram: stated against observed, in bins of equal width."""
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise DatasetError("a confidence lies outside [0, 1]; calibrate before judging it")
    edges = np.linspace(0, 1, num_bins + 1)
    member = np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, num_bins - 1)
    bins = []
    for i in range(num_bins):
        inside = member == i
        low, high = float(edges[i]), float(edges[i + 1])
        stated = float(confidence[inside].mean()) if inside.any() else (low + high) / 2
        observed = float(correct[inside].mean()) if inside.any() else float("nan")
        bins.append(ReliabilityBin(low, high, int(inside.sum()), stated, observed))
    return bins


def expected_calibration_error(
    confidence: Float[np.ndarray, " query"],
    correct: Bool[np.ndarray, " query"],
    *,
    num_bins: int = 10,
) -> float:
    r"""Mean gap between stated confidence and accuracy, over bins weighted by their count.

    $$ \mathrm{ECE} = \sum_b \frac{n_b}{n} \,|\mathrm{accuracy}_b - \mathrm{confidence}_b| $$

    (Guo et al. 2017, equation 3.) It is 0 for a perfectly calibrated answer, and says nothing
    about how often the answer is right.
    """
    if len(confidence) == 0:
        raise DatasetError("there are no answers, so their calibration error is undefined")
    filled = [b for b in reliability_bins(confidence, correct, num_bins=num_bins) if b.count]
    gaps = [b.count * abs(b.accuracy - b.confidence) for b in filled]
    return float(sum(gaps) / len(confidence))
