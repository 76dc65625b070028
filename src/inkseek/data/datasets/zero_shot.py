"""The four class splits on which zero-shot category retrieval is published.

Unseen classes, as the release of ZSE-SBIR (Lin et al. 2023, ``data_utils/test_class_*.txt``) names
them and in its order; all other classes of a data set are seen. The two of Sketchy are those of
Shen et al. 2018 (25 at random) and Yelamarthi et al. 2018 (21 that ImageNet's thousand lack).
"""

SKETCHY_25 = (
    "cup", "swan", "harp", "squirrel", "snail", "ray", "pineapple", "volcano", "rifle",
    "scissors", "parrot", "windmill", "teddy bear", "tree", "wine bottle", "deer", "chicken",
    "airplane", "wheelchair", "tank", "umbrella", "butterfly", "camel", "horse", "bell",
)  # fmt: skip

SKETCHY_21 = (
    "bat", "cabin", "cow", "dolphin", "door", "giraffe", "helicopter", "mouse", "pear",
    "raccoon", "rhinoceros", "saw", "scissors", "seagull", "skyscraper", "songbird", "sword",
    "tree", "wheelchair", "windmill", "window",
)  # fmt: skip

TU_BERLIN_30 = (
    "banana", "bus", "tractor", "suitcase", "streetlight", "telephone", "bottle opener", "canoe",
    "fan", "teacup", "penguin", "laptop", "shoe", "lighter", "hot air balloon", "pizza", "brain",
    "ant", "t-shirt", "trombone", "windmill", "snowboard", "table", "rollerblades", "parachute",
    "space shuttle", "bridge", "frying-pan", "bread", "horse",
)  # fmt: skip

QUICKDRAW_30 = (
    "bat", "cow", "dolphin", "door", "giraffe", "helicopter", "mouse", "raccoon", "rhinoceros",
    "saw", "scissors", "skyscraper", "tree", "windmill", "feather", "campfire", "palm tree",
    "fire hydrant", "bread", "beach", "megaphone", "cactus", "zebra", "tiger", "shark", "frog",
    "banana", "cake", "hamburger", "fan",
)  # fmt: skip
