import re

import pytest

from inkseek.errors import InkseekError
from inkseek.server.guards import HEADERS
from inkseek.site.page import (
    ENTRIES,
    SERVICE,
    SITE,
    check_runtime,
    fill_in,
    find_file,
    find_modules,
    write_page,
)

POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


def test_every_module_that_one_imports_is_there(runtime, tmp_path):
    modules = find_modules(ENTRIES)
    assert {"encoder.js", "raster.js", "pad.js", "results.js", "ranking.js"} <= {*modules}
    # Those of the service's own page, which asks the service, are not.
    assert not {"app.js", "files.js", "library.js"} & {*modules}
    write_page(tmp_path)
    for module in tmp_path.glob("*.js"):
        names = re.findall(r'"\./([\w/-]+\.js)"', module.read_text(encoding="utf-8"))
        assert [n for n in names if not (tmp_path / n).is_file()] == []


def test_the_search_of_a_site_takes_the_place_of_the_service_s(runtime, tmp_path):
    write_page(tmp_path)
    search = (tmp_path / "search.js").read_text(encoding="utf-8")
    assert search == (SITE / "search.js").read_text(encoding="utf-8")
    assert "/api/" not in search
    assert find_file("pad.js").parent != SITE


def test_what_the_page_links_to_is_there(runtime, tmp_path):
    write_page(tmp_path)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:href|src)="([^"]+)"', html)
    assert {"style.css", "site.css", "site.js", "icon.svg"} <= {*links}
    assert [link for link in links if not (tmp_path / link).is_file()] == []


def test_buttons_and_icons_are_those_of_the_service_s_page(runtime, tmp_path):
    write_page(tmp_path)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    service = (SERVICE / "index.html").read_text(encoding="utf-8")
    assert "<!-- service:" not in html
    undo = html.index('        <button id="undo"')
    for line in html[undo:].splitlines()[:12]:
        assert line in service.splitlines()
    names = re.findall(r' id="([^"]+)"', html)
    assert len(names) == len({*names})
    assert {"pad", "hint", "clear", "start", "more", "viewer-close", "icons"} <= {*names}
    assert not {"tidy", "why", "library-open"} & {*names}


def test_an_element_is_taken_whole_and_alone():
    service = """
    <div id="a" class="x">
      <div id="b">
        <p>one</p>
      </div>
      <button id="c" hidden><span>two</span></button>
    </div>
    <div id="d"></div>
    """
    asked = "<main>\n  <!-- service: b c -->\n</main>"
    taken = """<main>
      <div id="b">
        <p>one</p>
      </div>
      <button id="c" hidden><span>two</span></button>
</main>"""
    assert fill_in(asked, service) == taken
    outer = fill_in("<!-- service: a -->", service)
    assert outer.startswith('    <div id="a"')
    assert outer.endswith("</button>\n    </div>")
    with pytest.raises(InkseekError, match="no element 'e'"):
        fill_in("<!-- service: e -->", service)


def test_the_page_may_do_no_more_than_the_service_s():
    html = (SITE / "index.html").read_text(encoding="utf-8")
    (policy,) = POLICY.findall(html)
    # A page cannot say of itself who may frame it.
    allowed = HEADERS["Content-Security-Policy"].split("; ")
    assert {*policy.split("; ")} == {*allowed} - {"frame-ancestors 'none'"}


def test_the_licence_of_the_runtime_goes_with_it(runtime, tmp_path):
    write_page(tmp_path)
    assert (tmp_path / "vendor" / "LICENSE").is_file()


def test_without_the_runtime_it_says_how_to_get_it(runtime):
    check_runtime()
    (runtime / "ort.wasm.gz").unlink()
    with pytest.raises(InkseekError, match="make web"):
        check_runtime()
