import torch
from torch import nn

from inkseek.models.ensemble import Ensemble


class Unit(nn.Module):
    """A random linear map to unit rows."""

    def __init__(self, dim):
        super().__init__()
        self.map = nn.Linear(3 * 4 * 4, dim)

    def forward(self, image):
        rows = self.map(image.flatten(1))
        return rows / rows.norm(dim=1, keepdim=True)


def test_the_cosine_of_an_ensemble_is_the_mean_of_its_members():
    torch.manual_seed(0)
    members = [Unit(5).double(), Unit(8).double(), Unit(2).double()]
    image = torch.rand(6, 3, 4, 4, dtype=torch.float64)
    rows = Ensemble(members)(image)
    assert rows.shape == (6, 15)
    cosines = [m(image) @ m(image).T for m in members]
    torch.testing.assert_close(rows @ rows.T, torch.stack(cosines).mean(0))
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(6, dtype=torch.float64))
