"""Values for many readers: one load for all, and none of them held up by another's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from freezegun import freeze_time

from tests.servers import wait_until
from wagtail_live.delivery import shared
from wagtail_live.delivery.access import Unavailable
from wagtail_live.delivery.shared import Shared


class Loads:
    """Loads values at once, but those of ``slow`` when it is told to."""

    def __init__(self):
        self.started, self.proceed, self.asked = Event(), Event(), []

    def __call__(self, ids):
        self.asked += ids
        if "slow" in ids:
            self.started.set()
            assert self.proceed.wait(20)
        return {key: f"{key} {len(self.asked)}" for key in ids}


@pytest.fixture
def loads():
    loads = Loads()
    yield loads
    loads.proceed.set()


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as threads:
        yield threads


def test_a_slow_load_holds_up_nobody_who_has_a_value(loads, threads):
    values = Shared(loads)
    with freeze_time(tick=False) as clock:
        assert values.get(["quick"]) == {"quick": "quick 1"}
        clock.tick(shared.LIFETIME)
        slow = threads.submit(values.get, ["slow"])
        assert loads.started.wait(20)
        assert values.get(["quick"]) == {"quick": "quick 1"}
        loads.proceed.set()
        assert slow.result(20) == {"slow": "slow 2"}
        assert values.get(["quick"]) == {"quick": "quick 3"}


def test_threads_that_ask_for_the_same_share_a_load(loads, threads):
    values = Shared(loads)
    answers = [threads.submit(values.get, ["slow"]) for _ in range(8)]
    assert loads.started.wait(20)
    loads.proceed.set()
    assert {answer.result(20)["slow"] for answer in answers} == {"slow 1"}
    assert loads.asked == ["slow"]


def test_only_some_threads_wait(loads, threads, monkeypatch):
    monkeypatch.setattr(shared, "MAX_WAITING", 1)
    values = Shared(loads)
    first = threads.submit(values.get, ["slow"])
    assert loads.started.wait(20)
    second = threads.submit(values.get, ["slow"])
    wait_until(lambda: not values._waiting._value)
    with pytest.raises(Unavailable):
        values.get(["other"])
    loads.proceed.set()
    assert first.result(20) == second.result(20)


def test_what_is_forgotten_during_a_load_is_loaded_again(loads, threads):
    values = Shared(loads)
    before = threads.submit(values.get, ["slow"])
    assert loads.started.wait(20)
    values.forget()
    loads.proceed.set()
    assert before.result(20) == {"slow": "slow 1"}
    assert values.get(["slow"]) == {"slow": "slow 2"}


def test_an_error_is_no_value(threads):
    answers = iter([OSError("away"), {"a": 1}])

    def load(ids):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    values = Shared(load)
    with pytest.raises(OSError, match="away"):
        values.get(["a"])
    assert values.get(["a"]) == {"a": 1}
