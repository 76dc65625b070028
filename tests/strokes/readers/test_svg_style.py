import pytest
from lxml import etree

from inkseek.strokes.readers.svg_style import StyleSheet

SHEET = """/* first { fill: red } */ * {fill: blue} path {fill: none !important}
.a, .b { stroke: Red; opacity: 1 } path.b {visibility:hidden} #c {display:none}"""


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, {"fill": "none"}),
        ({"fill": "green"}, {"fill": "none"}),
        ({"class": "a"}, {"fill": "none", "stroke": "red"}),
        ({"class": "x b"}, {"fill": "none", "stroke": "red", "visibility": "hidden"}),
        ({"id": "c"}, {"fill": "none", "display": "none"}),
        ({"style": "fill:red;stroke:blue"}, {"fill": "red", "stroke": "blue"}),
    ],
)
def test_the_stronger_declaration_wins(attributes, expected):
    root = etree.fromstring(f"<svg><style>{SHEET}</style></svg>")
    style = StyleSheet.of(root).apply(etree.Element("path", attributes), "path", {})
    assert style == expected


def test_paint_is_inherited_but_display_is_not():
    style = StyleSheet({}).apply(etree.Element("g"), "g", {"fill": "none", "display": "inline"})
    assert style == {"fill": "none"}
