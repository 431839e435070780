"""Expected echoes: one matching answer within its window, everything else passes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.hid.echo import HookWatch, MuteAnswer, MuteWatch
from devices.models.record import DEFAULT


def hear(
    watch: HookWatch, off_hook: bool, at: float, *, lone: bool = True, ringing: bool = False
) -> bool | None:
    return watch.hear(off_hook, at, ringing=ringing, lone=lone, repeated=False)


def test_hook_baseline_then_changes() -> None:
    watch = HookWatch(DEFAULT)
    assert hear(watch, False, 1.0) is None
    assert hear(watch, True, 2.0) is True
    assert hear(watch, True, 2.5) is None
    assert hear(watch, False, 9.0) is False


def test_telling_the_same_again_opens_no_window() -> None:
    watch = HookWatch(DEFAULT)
    hear(watch, False, 0.0)
    watch.tell(True, 1.0)
    watch.tell(True, 5.0)
    assert hear(watch, True, 5.1) is True


def test_a_first_report_may_be_the_echo() -> None:
    watch = HookWatch(DEFAULT)
    watch.tell(True, 1.0)
    assert hear(watch, True, 1.2, ringing=True) is None
    assert hear(watch, False, 9.0) is False


def test_no_window_where_the_hook_already_says_so() -> None:
    watch = HookWatch(DEFAULT)
    hear(watch, False, 0.0)
    assert hear(watch, True, 1.0) is True
    watch.tell(True, 1.05)
    assert hear(watch, False, 1.6) is False
    assert hear(watch, True, 2.2) is True


def test_late_answers_to_two_writes_are_both_answers() -> None:
    """A call ends and another one is dialled at once: the first answer comes after the second write."""
    watch = HookWatch(DEFAULT)
    hear(watch, False, 0.0)
    watch.tell(True, 1.0)
    hear(watch, True, 1.1)
    watch.tell(False, 9.0)
    watch.tell(True, 9.001)
    assert hear(watch, False, 9.003) is None
    assert hear(watch, True, 9.004) is None
    assert hear(watch, False, 12.0) is False


def test_an_answer_that_never_came_hides_no_later_press() -> None:
    watch = HookWatch(DEFAULT)
    hear(watch, False, 0.0)
    watch.tell(True, 1.0)
    watch.tell(False, 1.001)
    watch.tell(True, 1.002)
    assert hear(watch, True, 1.1) is None
    assert hear(watch, False, 1.1 + DEFAULT.hook_echo_s) is False


@pytest.mark.parametrize("drop_s", [0.05, 2.0, 4.0])
def test_the_drop_window_follows_the_model(drop_s: float) -> None:
    watch = HookWatch(replace(DEFAULT, unacked_drop_s=drop_s))
    hear(watch, False, 0.0)
    assert hear(watch, True, 10.0) is True
    assert hear(watch, False, 10.0 + drop_s + 0.01) is None
    assert hear(watch, True, 20.0) is True
    assert hear(watch, False, 20.0 + drop_s + 1.0) is False


def test_an_acknowledged_press_is_not_taken_back() -> None:
    watch = HookWatch(DEFAULT)
    hear(watch, False, 0.0)
    hear(watch, True, 10.0)
    watch.tell(True, 10.1)
    assert hear(watch, False, 12.0) is False


def test_mute_answers_in_order() -> None:
    watch = MuteWatch(DEFAULT)
    assert watch.hear_edge(1.0) is MuteAnswer.REQUEST
    watch.tell(True, 1.02)
    assert watch.hear_edge(1.3) is MuteAnswer.REQUEST
    watch.tell(False, 1.32)
    assert watch.hear_edge(1.6) is MuteAnswer.REFUSAL
    watch.tell(True, 1.62)
    assert watch.hear_edge(9.0) is MuteAnswer.REQUEST


def test_mute_told_by_the_host_is_echoed_once() -> None:
    watch = MuteWatch(DEFAULT)
    watch.tell(True, 1.0)
    assert [watch.hear_edge(1.1), watch.hear_edge(1.2)] == [MuteAnswer.ECHO, MuteAnswer.REQUEST]


def test_telling_the_mute_it_has_opens_no_window() -> None:
    watch = MuteWatch(DEFAULT)
    watch.tell(False, 1.0)
    assert watch.hear_edge(1.1) is MuteAnswer.REQUEST


@pytest.mark.parametrize(("at", "refused"), [(5.6, True), (5.8, False)])
def test_a_level_refuses_within_the_lock_window(at: float, refused: bool) -> None:
    watch = MuteWatch(DEFAULT)
    assert not watch.refused(0.5)
    watch.tell(True, 1.0)
    assert not watch.refused(1.1)
    watch.tell(False, 5.0)
    assert watch.refused(at) is refused
