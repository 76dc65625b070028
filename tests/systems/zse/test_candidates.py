import pytest
import torch

from inkseek.systems.zse.candidates import CandidateStream, draw
from inkseek.systems.zse.config import ZseConfig
from inkseek.systems.zse.stored import StoredTokens

CATEGORIES = torch.tensor([5, 5, 5, 5, 5, 5, 7, 9, 9])


@pytest.fixture
def stream():
    """Tokens say which view they are; the first number of a photo is its category."""

    def tokens(sign):
        number = torch.arange(9.0) * sign
        return torch.stack([CATEGORIES.float(), number], 1)[:, None].expand(9, 3, 2).half()

    stored = StoredTokens(tokens(1), tokens(-1), CATEGORIES, CATEGORIES)
    config = ZseConfig("zse", items=6, negatives=4, steps=3, seed=1)
    return CandidateStream(config, stored)


def test_the_first_candidate_is_of_the_category_and_the_others_are_not(stream):
    for step in range(20):
        batch = stream.batch(step)
        sketch = batch["sketch"][:, 0, 0]
        photo = batch["photo"][:, 0, 0].reshape(6, 5)
        assert torch.equal(photo[:, 0], sketch)
        assert (photo[:, 1:] != sketch[:, None]).all()


def test_categories_are_equally_likely_however_many_views_they_have(stream):
    drawn = torch.cat([stream.batch(step)["sketch"][:, 0, 0] for step in range(200)])
    shares = [(drawn == category).float().mean().item() for category in (5, 7, 9)]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.05)


def test_a_batch_depends_on_its_number_alone(stream):
    later = CandidateStream(stream.config, stream.stored, first_step=2)
    (last,) = list(later)
    expected = list(stream)[2]
    assert last.keys() == expected.keys()
    for name, value in expected.items():
        assert torch.equal(last[name], value), name
    assert not torch.equal(stream.batch(0)["photo"], stream.batch(1)["photo"])


def test_only_what_is_possible_is_drawn_and_all_of_it_is():
    possible = torch.tensor([[True, False, True, False], [False, False, False, True]])
    found = draw(possible, 50, torch.Generator().manual_seed(0))
    assert set(found[0].tolist()) == {0, 2}
    assert set(found[1].tolist()) == {3}
