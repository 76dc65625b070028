"""Take the pictures of the page: the demo in Chromium, on a desktop and on a phone, and a match.

Run: python tools/make_screenshots.py    writes docs/images/{demo,phone,explain}.png with the sample
gallery and the model that ships. Look at them before they are committed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
EXAMPLE = "Sailboat"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    """Serve the samples, draw, take the pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("no chromium on this computer; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, run_demo(folder) as address:
        with sync_playwright() as driver:
            # A container's root has no sandbox.
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            desktop = draw_example(browser, address, viewport=DESKTOP)
            desktop.locator("#results li").first.hover()
            take(desktop, IMAGES / "demo.png")
            phone = draw_example(
                browser, address, viewport=PHONE, is_mobile=True, has_touch=True,
                device_scale_factor=2,
            )  # fmt: skip
            take(phone, IMAGES / "phone.png")
            browser.close()
        explain(Path(folder) / "example.svg")


@contextmanager
def run_demo(folder: str) -> Iterator[str]:
    """`inkseek demo` on a free port: its address."""
    command = [sys.executable, "-m", "inkseek", "demo", "--no-open", "--port", "0"]
    with subprocess.Popen(
        [*command, "--gallery", f"{folder}/samples"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            if found := re.search(r"http://\S+", line):
                yield found[0]
                break
        process.terminate()


def draw_example(browser: Browser, address: str, **options: object) -> Page:
    """Open the page and let it draw one of its examples; wait for the pictures."""
    context = browser.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name=EXAMPLE).click()
    page.wait_for_load_state("networkidle")
    return page


def explain(drawing: Path) -> None:
    """`inkseek explain` of the same example and its photo."""
    source = (ROOT / "src/inkseek/server/static/examples.js").read_text(encoding="utf-8")
    (paths,) = re.findall(rf'name: "{EXAMPLE}",\s*paths: \[(.*?)\]', source, re.DOTALL)
    lines = "".join(f'<path d="{d}"/>' for d in re.findall(r'"([^"]+)"', paths))
    drawing.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256">{lines}</svg>'
    )
    photo = ROOT / "samples" / "photos" / f"{EXAMPLE.lower()}.webp"
    command = [sys.executable, "-m", "inkseek", "explain", str(drawing), str(photo)]
    subprocess.run([*command, "--out", str(IMAGES / "explain.png")], check=True)


def take(page: Page, path: Path) -> None:
    """A picture of what is in sight, once it stands still."""
    page.wait_for_timeout(1500)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
