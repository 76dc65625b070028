from inkseek.systems.siamese.config import SiameseConfig


def test_sizes_grow_at_their_shares_of_the_schedule():
    config = SiameseConfig(
        "t",
        steps=10,
        canvas_size=96,
        photo_canvas_size=128,
        early_sizes=(32, 64),
        early_shares=(0.5, 0.2),
    )
    expected = [(32, 32)] * 5 + [(64, 64)] * 2 + [(96, 128)] * 3
    assert [config.sizes_at(s) for s in range(10)] == expected


def test_without_early_sizes_every_step_has_the_last_one():
    config = SiameseConfig("t", steps=4, early_sizes=(), early_shares=())
    assert {config.sizes_at(s) for s in range(4)} == {(96, 128)}


def test_a_run_ends_where_it_is_told_or_with_its_schedule():
    assert SiameseConfig("t", steps=10).last_step == 10
    assert SiameseConfig("t", steps=10, stop_step=7).last_step == 7
    assert SiameseConfig("t", steps=10, stop_step=70).last_step == 10
