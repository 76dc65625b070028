"""What the peers' encoders need to be told; SketchGloc's own needs none of it."""

from dataclasses import dataclass

from inkseek.errors import RecipeError


@dataclass(frozen=True)
class PeerPlan:
    """Sizes of rasters and graphs; those left out are the paper's of the chosen encoder.

    Attributes:
        canvas_size: Side in pixels of the whole sketch (pix2seq 48, healer 512, lattice 256,
            sp 640).
        patch_size: Side of a patch cut from it, a power of 2 (healer 128, sp 256).
        patch_every: Points from the centre of one patch to that of the next (healer, sp).
        num_patches: Patches at most, without the whole sketch (healer, sp).
        num_lines: Lines of the lattice in each direction (lattice).
        max_nodes: Crossings of the lattice that are kept (lattice).
        num_clusters: Kinds of patches that are told apart (sp).
        cluster_weight: Weight of the pull of patches to their kind (sp).
    """

    canvas_size: int | None = None
    patch_size: int | None = None
    patch_every: int = 4
    num_patches: int = 20
    num_lines: int = 32
    max_nodes: int = 150
    num_clusters: int = 30
    cluster_weight: float = 0.25

    def __post_init__(self) -> None:
        for key in ("patch_every", "num_patches", "num_lines", "max_nodes", "num_clusters"):
            if getattr(self, key) < 1:
                raise RecipeError(f"{key} is {getattr(self, key)}, but must be at least 1")
        for key in ("canvas_size", "patch_size"):
            size = getattr(self, key)
            if size is not None and size < 8:
                raise RecipeError(f"{key} is {size}, but must be at least 8 pixels")
        if self.patch_size is not None and self.patch_size & (self.patch_size - 1):
            raise RecipeError(f"patch_size is {self.patch_size}, but must be a power of 2")
