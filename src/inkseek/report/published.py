"""What the papers report for tasks like ours, typed from their tables, to stand beside our figures.

The data differ: ours are subsets of theirs, or sets of the same kind (docs/data.md). A figure here
says what is usual, not what ours must reach.
"""

from dataclasses import dataclass

SKETCHYNET_2 = "SketchyNet, Table 2"
SKETCHYNET_5 = "SketchyNet, Table 5"
ZSE = "ZSE-SBIR, as two public listings give it"


@dataclass(frozen=True)
class Published:
    """One number of a paper.

    Attributes:
        value: As a share, where the paper prints per cent.
        method: The row of the table.
        data: What it was measured on.
        source: Paper and table.
    """

    value: float
    method: str
    data: str
    source: str

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.method} on {self.data}; {self.source})"


def _pair(data: str, teacher: float, student: float) -> tuple[Published, ...]:
    return (
        Published(teacher, "B-VGG16-SN", data, SKETCHYNET_2),
        Published(student, "SketchyNetV2 of it", data, SKETCHYNET_2),
    )


BESIDE: dict[tuple[str, str], tuple[Published, ...]] = {
    ("shoes", "acc@1"): _pair("ShoeV2", 0.3303, 0.3277),
    ("shoes", "acc@10"): _pair("ShoeV2", 0.7851, 0.7821),
    ("sketchy/in-category", "acc@1"): _pair("Sketchy", 0.1861, 0.1655),
    ("sketchy/in-category", "acc@10"): _pair("Sketchy", 0.4125, 0.3866),
    ("sketchy/category", "mAP@all"): (
        Published(0.715, "B-SBIR-SN", "Sketchy-ext", SKETCHYNET_5),
        Published(0.702, "T-SBIR-SN", "Sketchy-ext", SKETCHYNET_5),
    ),
    ("sketchy/unseen", "mAP@all"): (Published(0.736, "ZSE-Ret", "Sketchy-ext, 25 unseen", ZSE),),
}
"""For a task and a metric of ours, what is published."""


def find_published(task: str, metric: str) -> tuple[Published, ...]:
    """Published numbers for a task and a metric; none for most."""
    return BESIDE.get((task, metric), ())
