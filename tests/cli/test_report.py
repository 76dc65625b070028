from pathlib import Path

from typer.testing import CliRunner

from inkseek.cli.main import app

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"


def test_every_result_of_the_project_is_on_both_pages(tmp_path):
    out = tmp_path / "pages" / "report.html"
    result = CliRunner().invoke(app, ["report", "--out", str(out), "--results", str(RESULTS)])
    assert result.exit_code == 0
    assert result.output.split() == [str(out), str(out.with_suffix(".md"))]
    page, text = out.read_text(), out.with_suffix(".md").read_text()
    for path in RESULTS.glob("*.json"):
        assert f'<h2 id="{path.stem}">' in page
    assert "SketchyNet, Table 2" in page
    assert "SketchyNet, Table 2" in text
    assert "python benchmarks/retrieval.py" in page


def test_a_folder_without_results_is_an_error(tmp_path):
    result = CliRunner().invoke(app, ["report", "--results", str(tmp_path)])
    assert result.exit_code == 1
    assert "no results in" in str(result.exception)
