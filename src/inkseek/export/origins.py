"""Where training data came from, as the cards of trained models say it."""

from inkseek.card import Data
from inkseek.data.pairs import OWN
from inkseek.data.releases import find_release

ORIGINS = {
    "sketchy-mini": ("Sketchy Database (Sangkloy et al. 2016), a subset", "research use"),
    "sketchy-more": ("Sketchy Database (Sangkloy et al. 2016), three categories", "research use"),
    "shoes": ("QMUL Shoe (Yu et al. 2016)", "research use"),
    "emoji": ("OpenMoji 17 and Fluent Emoji 3D", "CC BY-SA 4.0 and MIT"),
    "quickdraw": ("Quick, Draw! with Tiny-ImageNet photos", "CC BY 4.0; ImageNet: research use"),
    "quickdraw-strokes": ("Quick, Draw!", "CC BY 4.0"),
}


def origin_of(name: str) -> Data:
    """What a card says of a data set."""
    if name.startswith(OWN):
        # Where the folder lies is nobody else's business.
        return Data(name="own", origin="photos of one's own", licence="as its owner says")
    if release := find_release(name):
        return Data(name=name.partition(":")[0], origin=release.origin, licence=release.licence)
    origin, licence = ORIGINS[name]
    return Data(name=name, origin=origin, licence=licence)
