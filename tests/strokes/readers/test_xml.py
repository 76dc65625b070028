import pytest

from inkseek.errors import SketchFormatError
from inkseek.strokes.readers.xml import local_name, parse_xml


def test_names_lose_their_namespace():
    assert local_name(parse_xml(b'<a:svg xmlns:a="urn:x"/>', "file")) == "svg"


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?>'
        + '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-7"),
        b"<a>&b;</a>",
        b"",
        b"<a>" * 300,
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)
def test_what_is_not_plain_xml_is_refused(content):
    with pytest.raises(SketchFormatError, match=r"file (defines entities|is not well-formed)"):
        parse_xml(content, "file")
