from inkseek.report.markdown import to_markdown
from inkseek.report.tables import Result, Table

TABLE = Table("all figures", ("task", "value"), ({"task": "a|b", "value": "0.5 [0.4, 0.6]"}, {}))


def test_cells_stay_in_their_columns():
    page = to_markdown("Title", "note", [Result("one", {"command": "x_y"}, (TABLE,))])
    assert page.splitlines() == [
        "# Title",
        "",
        "note",
        "",
        "## one",
        "",
        r"- command: x\_y",
        "",
        "### all figures",
        "",
        "| task | value |",
        "|---|---|",
        r"| a\|b | 0.5 \[0.4, 0.6] |",
        "|  |  |",
    ]


def test_line_breaks_do_not_leave_a_cell():
    table = Table("t", ("a",), ({"a": "x\n\n# y"},))
    assert "| x # y |" in to_markdown("T", "n", [Result("r", {}, (table,))])
