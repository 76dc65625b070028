import re
import xml.etree.ElementTree as ET

from inkseek.report.html import to_html
from inkseek.report.tables import Result, Table

EVIL = '<script src="http://elsewhere">&'
RESULTS = [
    Result(
        "one", {"command": EVIL}, (Table("t", ("a", "b"), ({"a": "1", "b": EVIL}, {"b": "2"})),)
    ),
    Result("two", {}, ()),
]


def test_text_is_never_markup_and_nothing_is_fetched():
    page = to_html(EVIL, EVIL, RESULTS)
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "@import" not in page
    assert "url(" not in page


def test_the_page_is_well_formed_and_holds_every_cell():
    page = to_html("Title", "note", RESULTS)
    body = page[page.index("<body>") : page.index("</body>")] + "</body>"
    tree = ET.fromstring(body)
    cells = [[cell.text or "" for cell in row] for row in tree.iter("tr")]
    assert cells == [["a", "b"], ["1", EVIL], ["", "2"]]
    targets = {link.get("href") for link in tree.iter("a")}
    assert targets == {f"#{h.get('id')}" for h in tree.iter("h2")} == {"#one", "#two"}
