import pytest

from inkseek.search import Hit
from inkseek.server.auth import Tickets
from inkseek.server.jobs import Jobs
from inkseek.server.service import Service

HIT = Hit("/photos/a b.jpg", "0" * 32, 0.5, 0.25, ("/photos/copy.jpg",))


@pytest.mark.parametrize("token", [None, "a-token-of-the-tests"])
def test_a_hit_goes_over_the_wire_by_name_and_address(searcher, token):
    service = Service(searcher, Tickets(token), Jobs(searcher))
    found = service.to_found(HIT)
    assert (found.name, found.num_duplicates) == ("a b.jpg", 1)
    assert found.photo.partition("?")[0] == f"/api/photos/{HIT.photo_id}"
    assert ("ticket" in found.photo) == (token is not None)
    assert "/photos/a b.jpg" not in found.model_dump_json()


def test_a_row_goes_over_the_wire_with_its_size(searcher):
    service = Service(searcher, Tickets(None), Jobs(searcher))
    info = next(searcher.gallery.iter_info())
    entry = service.to_entry(info)
    assert (entry.width, entry.height, entry.taken_at) == (64, 64, None)
    assert entry.thumbnail == f"/api/photos/{info.photo_id}/thumbnail"
