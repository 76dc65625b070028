import numpy as np
import torch

from inkseek.training.stream import StepStream


class Numbers(StepStream):
    def batch(self, step):
        return {"number": torch.from_numpy(self.generator(step).integers(1000, size=4))}


def numbers(**changes):
    stream = Numbers(7, changes.pop("first_step", 0), 6)
    for name, value in changes.items():
        setattr(stream, name, value)
    return torch.stack([batch["number"] for batch in stream])


def test_a_later_first_step_gives_the_same_batches_from_there_on():
    assert numbers().shape == (6, 4)
    torch.testing.assert_close(numbers(first_step=2), numbers()[2:])


def test_each_device_draws_batches_of_its_own_the_first_as_if_alone():
    alone, second, third = numbers(), numbers(device_rank=1), numbers(device_rank=2)
    expected = np.random.default_rng([7, 3]).integers(1000, size=4)
    assert alone[3].tolist() == expected.tolist()
    assert not (alone == second).all(1).any()
    assert not (second == third).all(1).any()
