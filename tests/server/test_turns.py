import threading
import time

import pytest

from inkseek.server.problems import ConflictError
from inkseek.server.turns import MAX_WAITING, Turns

PATIENCE = 30


class Drawer(threading.Thread):
    """Takes a turn and keeps it until it is told to go on."""

    def __init__(self, take, at_once):
        super().__init__(daemon=True)
        self.take, self.at_once = take, at_once
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.refusal = None
        self.most = 0
        self.start()

    def run(self):
        try:
            with self.take():
                self.at_once.append(self)
                self.most = len(self.at_once)
                self.begun.set()
                self.may_end.wait(PATIENCE)
                self.at_once.remove(self)
        except ConflictError as error:
            self.refusal = str(error)

    def end(self):
        self.may_end.set()
        self.join(PATIENCE)
        assert not self.is_alive()


@pytest.fixture
def turns():
    return Turns()


@pytest.fixture
def begin(turns):
    at_once = []

    def make(take):
        return Drawer(take, at_once)

    return make


def wait_until(is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def num_waiting(turns):
    return len(turns._changed._waiters)


def test_one_at_a_time_and_a_short_queue(turns, begin):
    first = begin(turns.take)
    assert first.begun.wait(PATIENCE)
    others = [begin(turns.take) for _ in range(MAX_WAITING - 1)]
    wait_until(lambda: num_waiting(turns) == MAX_WAITING - 1)
    with pytest.raises(ConflictError, match="try again in a moment"), turns.take():
        pass
    for drawer in (first, *others):
        drawer.may_end.set()
    for drawer in (first, *others):
        drawer.end()
        assert (drawer.most, drawer.refusal) == (1, None)
    with turns.take():
        pass


def test_the_newest_takes_the_place_of_who_waits_but_not_of_who_is_at_it(turns, begin):
    first = begin(turns.take_newest)
    assert first.begun.wait(PATIENCE)
    second = begin(turns.take_newest)
    wait_until(lambda: num_waiting(turns) == 1)
    third = begin(turns.take_newest)
    # It need not wait for its turn to hear of it.
    second.join(PATIENCE)
    assert second.refusal == "a newer drawing came in between; ask again"
    assert not second.begun.is_set()
    assert not third.begun.is_set()
    first.end()
    assert third.begun.wait(PATIENCE)
    third.end()
    assert (first.refusal, third.refusal, third.most) == (None, None, 1)


def test_both_kinds_share_one_turn(turns, begin):
    tidied = begin(turns.take)
    assert tidied.begun.wait(PATIENCE)
    suggested = begin(turns.take_newest)
    wait_until(lambda: num_waiting(turns) == 1)
    assert not suggested.begun.is_set()
    tidied.end()
    assert suggested.begun.wait(PATIENCE)
    late = begin(turns.take)
    wait_until(lambda: num_waiting(turns) == 1)
    assert not late.begun.is_set()
    suggested.end()
    assert late.begun.wait(PATIENCE)
    late.end()
    assert late.most == 1


def test_who_waits_to_suggest_takes_no_place_from_who_tidies(turns, begin):
    first = begin(turns.take_newest)
    assert first.begun.wait(PATIENCE)
    newest = begin(turns.take_newest)
    wait_until(lambda: num_waiting(turns) == 1)
    tidied = [begin(turns.take) for _ in range(MAX_WAITING)]
    wait_until(lambda: num_waiting(turns) == 1 + MAX_WAITING)
    for drawer in (first, newest, *tidied):
        drawer.may_end.set()
    for drawer in (first, newest, *tidied):
        drawer.end()
        assert drawer.refusal is None


@pytest.mark.parametrize("kind", ["take", "take_newest"])
def test_a_failure_ends_the_turn(turns, kind):
    take = getattr(turns, kind)
    for _ in range(2 * MAX_WAITING):
        with pytest.raises(ValueError, match="no such"), take():
            raise ValueError("no such")
    with take():
        pass
