import json
import subprocess
import sys
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from inkseek.encoder import Encoder
from inkseek.gallery.store import Gallery, PhotoRow
from inkseek.strokes.sketch import Sketch


@pytest.fixture
def photos(tmp_path):
    """Three photos of drawings: dark lines on white."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, (rows, columns) in {
        "across": (slice(15, 17), slice(2, 30)),
        "down": (slice(2, 30), slice(15, 17)),
        "corner": (slice(2, 8), slice(2, 8)),
    }.items():
        pixels = np.full((32, 32, 3), 255, np.uint8)
        pixels[rows, columns] = 0
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def run(inkseek, tmp_path, monkeypatch, photos, tiny_model):
    """Run `inkseek search across.svg ARGS` over a gallery of the three photos."""
    monkeypatch.chdir(tmp_path)
    encoder = Encoder.load(tiny_model)
    files = sorted(photos.iterdir())
    gallery = Gallery.open("gallery", model_digest=encoder.digest, dim=encoder.dim, create=True)
    gallery.upsert(
        [
            PhotoRow(
                photo_id=f"{i:032x}",
                path=str(file),
                embedding=embedding,
                model_digest=encoder.digest,
                width=32,
                height=32,
                taken_at=datetime(2020 + i, 6, 1),
                tags=("line",) if file.stem != "corner" else (),
                near_key=0x1111 << (16 * i),
                copies=(),
                file_size=file.stat().st_size,
                modified_ns=file.stat().st_mtime_ns,
            )
            for i, (file, embedding) in enumerate(
                zip(files, encoder.embed_photos(files), strict=True)
            )
        ]
    )
    gallery.close()
    line = '<path d="M0 50 L100 50" fill="none" stroke="black"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">{line}</svg>'
    (tmp_path / "across.svg").write_text(svg, encoding="utf-8")

    def search(*args, sketch="across.svg", model=tiny_model):
        return inkseek("search", sketch, "--gallery", "gallery", "--model", model, *args)

    return search


def names(out):
    return [hit["path"].rsplit("/", 1)[-1] for hit in json.loads(out)["hits"]]


def test_json_lists_the_best_photo_first(run, photos):
    code, out, err = run("--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["nothing_matches"] is False
    best, *others = found["hits"]
    assert set(best) == {"path", "photo_id", "similarity", "confidence", "duplicates"}
    assert best["path"] == str(photos / "across.png")
    assert len(others) == 2
    similarities = [hit["similarity"] for hit in found["hits"]]
    assert similarities == sorted(similarities, reverse=True)


def test_the_table_has_a_row_a_photo(run):
    code, out, _ = run()
    head, first, *rest = out.splitlines()
    assert code == 0
    assert head.split() == ["#", "confidence", "similarity", "photo"]
    assert first.split()[0] == "1"
    assert first.endswith("photos/across.png")
    assert len(rest) == 2


def test_top_limits_the_hits(run):
    assert names(run("--top", "1", "--json")[1]) == ["across.png"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (("--tag", "line"), {"across.png", "down.png"}),
        (("--taken-after", "2021-01-01"), {"corner.png", "down.png"}),
        (("--taken-before", "2021-01-01"), {"across.png"}),
        (("--min-width", "33"), set()),
        (("--orientation", "square"), {"across.png", "corner.png", "down.png"}),
        (("--orientation", "portrait"), set()),
    ],
)
def test_filters_limit_the_photos(run, filters, expected):
    assert set(names(run(*filters, "--json")[1])) == expected


def test_folders_are_kept_or_left_out(run, photos):
    assert len(names(run("--folder", str(photos), "--json")[1])) == 3
    assert names(run("--not-folder", str(photos), "--json")[1]) == []


def test_says_when_no_photo_passes(run):
    assert run("--min-width", "33")[1] == "No photo in the gallery passes these filters.\n"


def test_says_when_nothing_matches_well(run, monkeypatch):
    monkeypatch.setattr("inkseek.search.Searcher.nothing_matches", lambda *_: True)
    assert run()[1].startswith("Nothing matches this sketch well; the nearest photos are:\n")
    assert json.loads(run("--json")[1])["nothing_matches"] is True


def test_grid_draws_the_sketch_and_its_hits(run, tmp_path):
    code, out, _ = run("--grid", "grid.png")
    assert code == 0
    assert out.count("\n") == 4
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 4 * 200


@pytest.mark.parametrize(
    ("args", "options", "exit_code", "message"),
    [
        ((), {"sketch": "gone.svg"}, 1, "gone.svg"),
        ((), {"model": "no-such-model"}, 1, "no-such-model"),
        (("--gallery", "nowhere"), {}, 1, "nowhere"),
        (("--grid", "no/such/folder/grid.png"), {}, 1, "no/such/folder/grid.png"),
        (("--top", "0"), {}, 2, "--top"),
        (("--orientation", "round"), {}, 2, "--orientation"),
        (("--taken-after", "yesterday"), {}, 2, "--taken-after"),
    ],
)
def test_failures_say_what_is_wrong(run, args, options, exit_code, message):
    code, out, err = run(*args, **options)
    assert (code, out) == (exit_code, "")
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    if exit_code == 1:
        assert err.count("\n") == 1


@pytest.mark.slow
def test_a_real_search_never_loads_torch(run, tiny_model):
    run()
    program = (
        "import sys\nfrom inkseek.cli.main import app\n"
        f"app(['search', 'across.svg', '--gallery', 'gallery', '--model', {str(tiny_model)!r}, "
        "'--grid', 'grid.png'], standalone_mode=False)\n"
        "print(*{'torch', 'timm', 'lightning', 'torchvision'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == ""


def test_a_sketch_is_tidied_before_it_is_searched_for(run, monkeypatch):
    def upright(model, sketch):
        assert model == "some-run"
        points = np.array([[50, 5], [50, 95]], np.float32)
        return Sketch((points,), canvas_size=sketch.canvas_size)

    monkeypatch.setattr("inkseek.cli.search.tidy_strokes", upright)
    assert names(run("--tidy", "some-run", "--json")[1])[0] == "down.png"
    assert names(run("--json")[1])[0] == "across.png"


def test_a_model_that_tidies_has_to_be_there(run, tmp_path):
    code, out, err = run("--tidy", str(tmp_path / "none"))
    assert (code, out) == (1, "")
    assert "no trained sketch model" in err


def test_a_trained_model_tidies_the_query(run, sketch_model):
    code, out, _ = run("--tidy", str(sketch_model), "--json")
    assert code == 0
    assert len(names(out)) == 3
