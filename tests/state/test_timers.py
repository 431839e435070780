"""Deadlines: earliest first, one at a time, not before they may be believed, and never late to a customer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.timers import Timer, Timers


class Log:
    """Timers that write their names down when they fire."""

    def __init__(self, late_s: float = 1.0) -> None:
        self.timers = Timers(late_s)
        self.fired: list[str] = []

    def arm(
        self,
        name: str,
        deadline: float,
        ready: Callable[[float], bool] | None = None,
        rearm_s: float | None = None,
        owner: str = "call",
    ) -> None:
        """A deadline that notes its name."""
        self.timers.set((owner, name), Timer(deadline, lambda: self.fired.append(name), ready, rearm_s))

    def passes(self, at: float) -> list[str]:
        """Everything that fires at `at`."""
        before = len(self.fired)
        while self.timers.fire_next(at):
            pass
        return self.fired[before:]


def test_the_earliest_fires_first_one_at_a_time() -> None:
    log = Log()
    for name, deadline in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        log.arm(name, deadline)
    assert log.timers.next_deadline() == 1.0
    assert log.timers.fire_next(3.0)
    assert log.fired == ["a"]
    assert log.passes(2.5) == ["b"]
    assert log.passes(3.0) == ["c"]
    assert not log.timers.fire_next(100.0)
    assert log.timers.next_deadline() is None


def test_equal_deadlines_fire_in_the_order_of_their_names() -> None:
    log = Log()
    for name in ("b", "a", "c"):
        log.arm(name, 1.0)
    assert log.passes(1.0) == ["a", "b", "c"]


def test_nothing_fires_before_its_time() -> None:
    log = Log()
    log.arm("a", 1.0)
    assert not log.timers.due(0.99)
    assert log.passes(0.99) == []
    assert log.timers.due(1.0)
    assert log.passes(1.0) == ["a"]


def test_setting_again_replaces() -> None:
    log = Log()
    log.arm("a", 1.0)
    log.arm("a", 5.0)
    assert log.passes(4.0) == []
    assert log.passes(5.0) == ["a"]


def test_a_cancelled_deadline_is_forgotten_and_cancelling_nothing_is_fine() -> None:
    log = Log()
    log.arm("a", 1.0)
    log.timers.cancel(("call", "a"))
    log.timers.cancel(("call", "a"))
    assert log.timers.get(("call", "a")) is None
    assert log.passes(9.0) == []


def test_an_owner_takes_all_its_deadlines_along() -> None:
    log = Log()
    log.arm("a", 1.0, owner="one")
    log.arm("b", 1.0, owner="one")
    log.arm("c", 1.0, owner="two")
    log.timers.cancel_owner("one")
    assert log.passes(1.0) == ["c"]


def test_a_deadline_waits_until_it_may_be_believed() -> None:
    log, known = Log(), [False]
    log.arm("a", 1.0, lambda _: known[0])
    assert log.timers.due(1.5)
    assert log.passes(1.5) == []
    assert log.timers.next_deadline() is None
    known[0] = True
    assert log.timers.next_deadline() == 1.0
    assert log.passes(1.6) == ["a"]


def test_one_that_waits_does_not_hold_up_the_others() -> None:
    log = Log()
    log.arm("waits", 1.0, lambda _: False)
    log.arm("goes", 2.0)
    assert log.timers.next_deadline() == 2.0
    assert log.passes(2.0) == ["goes"]


@pytest.mark.parametrize(
    ("late_s", "fires"), [(0.0, True), (0.9, True), (1.0, True), (1.1, False), (600.0, False)]
)
def test_one_for_a_customer_is_armed_again_when_it_is_too_late(late_s: float, *, fires: bool) -> None:
    log = Log()
    log.arm("a", 10.0, rearm_s=5.0)
    at = 10.0 + late_s
    assert log.passes(at) == (["a"] if fires else [])
    assert log.timers.rearmed == (0 if fires else 1)
    if not fires:
        assert log.timers.next_deadline() == at + 5.0
        assert log.passes(at + 5.0) == ["a"]


def test_one_for_nobodys_ear_fires_however_late() -> None:
    log = Log()
    log.arm("a", 1.0)
    assert log.passes(1000.0) == ["a"]


def test_a_deadline_may_arm_another_one() -> None:
    timers, fired = Timers(1.0), []

    def first() -> None:
        fired.append("first")
        timers.set(("call", "second"), Timer(2.0, lambda: fired.append("second")))

    timers.set(("call", "first"), Timer(1.0, first))
    while timers.fire_next(2.0):
        pass
    assert fired == ["first", "second"]


DEADLINES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(0.0, 100.0), max_size=8)


@given(DEADLINES, st.lists(st.floats(0.0, 120.0), max_size=20))
def test_every_deadline_fires_once_in_order_and_never_early(
    deadlines: dict[str, float], times: list[float]
) -> None:
    log = Log()
    for name, deadline in deadlines.items():
        log.arm(name, deadline)
    for at in sorted(times):
        for name in log.passes(at):
            assert deadlines[name] <= at
        due = log.timers.next_deadline()
        assert due is None or due > at
    log.passes(200.0)
    assert [deadlines[name] for name in log.fired] == sorted(deadlines.values())


@given(DEADLINES)
def test_the_next_deadline_is_always_the_smallest(deadlines: dict[str, float]) -> None:
    log = Log()
    for name, deadline in deadlines.items():
        log.arm(name, deadline)
    while (due := log.timers.next_deadline()) is not None:
        assert due == min(deadlines[name] for name in deadlines if name not in log.fired)
        assert log.timers.due(due)
        assert log.timers.fire_next(due)
    assert set(log.fired) == set(deadlines)
