"""Make the sample gallery from the npm package of Fluent Emoji's 3D renders.

Run, in an empty folder::

    npm pack @lobehub/fluent-emoji-3d && tar xzf lobehub-fluent-emoji-3d-*.tgz
    python tools/make_samples.py package/assets samples/photos

Things one can draw are kept: animals, plants, food, vehicles, buildings, tools, clothes, games.
Faces, people, flags and signs are left out. What is no longer kept is removed from the folder.
"""

import sys
import unicodedata
from pathlib import Path

from PIL import Image

SIDE = 192
QUALITY = 80

RANGES = (
    (0x1F302, 0x1F302),
    (0x1F308, 0x1F30B),  # rainbow, volcano
    (0x1F30D, 0x1F30D),
    (0x1F315, 0x1F315),
    (0x1F319, 0x1F319),
    (0x1F321, 0x1F32A),  # weather
    (0x1F32D, 0x1F37F),  # food and plants
    (0x1F380, 0x1F393),  # celebrations
    (0x1F3A0, 0x1F3F0),  # entertainment, sport, buildings
    (0x1F400, 0x1F43F),  # animals
    (0x1F451, 0x1F462),  # clothes
    (0x1F484, 0x1F48E),
    (0x1F490, 0x1F490),
    (0x1F4A1, 0x1F4A3),
    (0x1F4B0, 0x1F4FF),  # money, office, devices
    (0x1F50B, 0x1F531),  # tools
    (0x1F56F, 0x1F5FF),
    (0x1F680, 0x1F6FC),  # vehicles, furniture
    (0x1F940, 0x1F9CB),  # sport, food, animals
    (0x1F9E2, 0x1F9FF),  # clothes, objects
    (0x1FA70, 0x1FADF),  # the newest objects, animals, food
)

OLDER = (
    0x231A, 0x23F0, 0x2600, 0x2601, 0x2602, 0x2603, 0x2615, 0x2618, 0x2693, 0x2694, 0x2696, 0x2699,
    0x26BD, 0x26BE, 0x26F2, 0x26F3, 0x26F5, 0x26FA, 0x26FD, 0x2702, 0x2708, 0x2709, 0x270F, 0x2744,
    0x2764, 0x2B50,
)  # fmt: skip
"""Pictures among the symbols of earlier Unicode: sun, umbrella, anchor, football, sailboat."""

PLAIN_NAMES = {0x2600: "sun", 0x2702: "scissors", 0x2764: "red-heart", 0x2B50: "star"}
"""Where Unicode's name tells how the symbol was once printed."""

LEFT_OUT = (
    "ARROW", "BATTERY WITH", "BOOKMARK TABS",
    "CLOCK FACE", "CHART", "CURRENCY", "DIAMOND", "FACE WITH",
    "FLAG", "LOW BRIGHTNESS", "HIGH BRIGHTNESS", "MUTE", "NO ", "NON-", "PERSON", "POTABLE",
    "PROHIBITED", "SIGN", "SPEAKER WITH", "SYMBOL", "THUMB", "TIMES", "TRIDENT", "WRESTLERS",
    "PREGNANT", "PRINCE", "MOTHER", "WOMAN", "MAN ", "CARTWHEEL",
    "JUGGLING", "WATER POLO", "HANDBALL",
    "ROWBOAT", "SURFER", "SWIMMER", "RUNNER", "LIFTER", "GOLFER", "BICYCLIST", "PEDESTRIAN", "BATH",
    "SUPERHERO", "SUPERVILLAIN", "DEAF", "KNEELING", "STANDING", "MOBILE PHONE OFF", "VIBRATION",
    "RESTROOM", "WATER CLOSET", "CUSTOMS", "CLAIM", "LEFT LUGGAGE", "IMMIGRATION", "ENVELOPE WITH",
    "REVERSED HAND", "RAISED HAND", "HAND WITH", "CIGARETTE", "WITH DOWNWARDS",
    "INBOX", "OUTBOX",
    "ANTENNA WITH", "BALLOT", "CANCELLATION", "CHILDREN", "FACE HOLDING", "FACE MASSAGE",
    "FATHER CHRISTMAS", "FREEZING FACE", "HAIRCUT", "HOLE", "HORSE RACING", "KEYCAP", "LOW BATTERY",
    "NINJA", "OVERHEATED", "PASSPORT", "PEOPLE", "PLACE OF WORSHIP", "PLACARD", "RADIO BUTTON",
    "SILHOUETTE", "SIX POINTED", "SLEEPING", "SLEUTH", "YAWNING", "DISGUISED FACE", "BUS STOP",
    "MOTORWAY", "LOVE HOTEL", "SPEECH BUBBLE", "ANGER BUBBLE",
)  # fmt: skip


def name_of(code: int) -> str | None:
    """Readable name of a code point that is worth drawing."""
    name = unicodedata.name(chr(code), "")
    if not name or any(word in name for word in LEFT_OUT):
        return None
    return PLAIN_NAMES.get(code, name.lower().replace(" ", "-"))


def main(assets: Path, out: Path) -> None:
    """Write one small picture on white for every kept code point."""
    out.mkdir(parents=True, exist_ok=True)
    for stale in out.glob("*.webp"):
        stale.unlink()
    codes = [*OLDER, *(code for low, high in RANGES for code in range(low, high + 1))]
    count = 0
    for code in codes:
        name = name_of(code)
        stems = (f"{code:x}", f"{code:x}-fe0f")
        source = next((p for s in stems if (p := assets / f"{s}.webp").is_file()), None)
        if name is None or source is None:
            continue
        with Image.open(source) as image:
            picture = image.convert("RGBA").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        page = Image.new("RGB", picture.size, "white")
        page.paste(picture, mask=picture.getchannel("A"))
        page.save(out / f"{name}.webp", quality=QUALITY, method=6)
        count += 1
    sys.stdout.write(f"{count} pictures in {out}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
