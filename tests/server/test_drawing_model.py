from inkseek.server.drawing_model import DrawingModel


def test_a_model_of_nothing_draws_nothing():
    model = DrawingModel()
    assert (model.tidy, model.suggest, model.generate, model.interpolate) == (None,) * 4
    assert model.categories() == []
