"""Answering and ending: complaints 1, 5, 9, 10 and 12 of docs/complaints.md."""

from __future__ import annotations

import pytest

from devices.simulated.headset import Faults
from firmware_bridge.simulated import LATENCY_S
from state.commands import Answer, Dial, HangUp, Hold, Retrieve, SetMute
from state.ids import CallId, LineId
from state.words import Button, CallState
from tests.complaints import anchors
from tests.complaints.against import Anchor, Maker, holds_against
from tests.complaints.desk import RealDesk
from tests.complaints.kits import KITS, mute_from_zero, names_its_mute_lamp, shares_a_report, with_features
from tests.state.driver import HS, L1, L2

LAMPS = with_features("lamp_off_hook")
MUTABLE = with_features("lamp_off_hook", "lamp_mute", "mute")
MIRRORED = tuple(name for name in MUTABLE if names_its_mute_lamp(name))
SHARED = tuple(name for name in MUTABLE if shares_a_report(name))
HOLD_SHOWN = with_features("lamp_off_hook", "lamp_hold")
HOLD_SHARED = tuple(name for name in SHARED if name in HOLD_SHOWN)
EDGES = with_features("lamp_off_hook", "lamp_mute", but=("mute_level",))
LONG_REPORTS = tuple(name for name in SHARED if len(mute_from_zero(name)) > 2)


def asked(desk: RealDesk, kind: type, line: LineId = L1) -> int:
    """How often the line was asked for this."""
    return len([command for command in desk.commands(line) if isinstance(command, kind)])


def check_ends_by_key(desk: RealDesk, call: CallId) -> None:
    """The agent can end the call at the headset."""
    desk.runs(4.0)
    desk.press_hook()
    desk.runs(1.0 + (desk.line_after_s or 0.0))
    assert desk.state(call) is None, "the key did not end the call"
    assert not desk.headset.off_hook, "the headset believes in a call that is over"


@holds_against(MIRRORED, Anchor(anchors.GenesysHook, "another app's write ended the call", SHARED))
def test_c01_a_mute_that_another_app_mirrors_does_not_drop_the_call(make: Maker) -> None:
    desk = make()
    call = desk.talks_by_key()
    desk.press_mute()
    desk.another_app_writes(mute_from_zero(make.kit))
    desk.runs(5.0)
    assert desk.is_up(call), "another app's write ended the call"
    assert desk.headset.off_hook, "the headset was left on-hook"
    assert desk.headset.lamps.mute
    assert desk.headset.muted
    if make.kit in SHARED:
        assert desk.now.devices[0].contended, "nobody is told of the other app"
    check_ends_by_key(desk, call)


@holds_against(MIRRORED, Anchor(anchors.GenesysHook, "another app's write ended the call", SHARED))
def test_c01_every_mute_of_a_long_call_may_be_mirrored(make: Maker) -> None:
    desk = make()
    call = desk.talks_by_key()
    for _ in range(6):
        desk.asks(SetMute(True))
        desk.runs(0.1)
        desk.another_app_writes(mute_from_zero(make.kit))
        desk.runs(10.0)
        assert desk.is_up(call), "another app's write ended the call"
        desk.asks(SetMute(False))
        desk.runs(10.0)
    assert asked(desk, HangUp) == 0
    check_ends_by_key(desk, call)


@holds_against(
    LAMPS,
    Anchor(anchors.JitsiLastBuffer, "a lamp ended the call", SHARED),
    Anchor(anchors.TsipZeroBased, "a lamp ended the call", SHARED),
    Anchor(anchors.GonnectClearsOffHook, "a lamp ended the call", HOLD_SHOWN),
)
def test_c05_no_lamp_write_ends_the_call(make: Maker) -> None:
    desk = make()
    call = desk.talks_by_key()
    for command in (SetMute(True), SetMute(False), Hold(call), Retrieve(call), SetMute(True)):
        desk.asks(command)
        desk.runs(3.0)
        assert desk.is_up(call), f"a lamp ended the call: {command}"
        assert asked(desk, HangUp) == 0, f"a lamp ended the call: {command}"
    second = desk.rings("10010", state=CallState.WAITING)
    desk.runs(3.0)
    desk.clears(second)
    desk.runs(3.0)
    assert desk.is_up(call), "a lamp ended the call: ring"
    assert desk.headset.off_hook, "a lamp put the headset on-hook"
    check_ends_by_key(desk, call)


@holds_against(
    HOLD_SHOWN,
    Anchor(anchors.JitsiLastBuffer, "hold ended the call", HOLD_SHARED),
    Anchor(anchors.GonnectClearsOffHook, "hold ended the call", HOLD_SHOWN),
)
def test_c05_hold_by_the_key_is_shown_and_kept(make: Maker) -> None:
    desk = make()
    call = desk.talks_by_key()
    desk.hand(lambda headset, at: headset.press(Button.FLASH, at))
    desk.runs(30.0)
    assert desk.state(call) is CallState.HELD, "hold ended the call"
    assert desk.headset.lamps.hold, "hold is not shown"
    desk.hand(lambda headset, at: headset.press(Button.FLASH, at))
    desk.runs(5.0)
    assert desk.state(call) is CallState.CONNECTED, "the call was not taken back"
    assert not desk.headset.lamps.hold
    check_ends_by_key(desk, call)


@holds_against(
    LAMPS,
    Anchor(anchors.GenesysOwnPressOnly, "Off-Hook is dark", LAMPS),
    Anchor(anchors.GonnectTwoBytes, "Off-Hook is dark", LONG_REPORTS),
)
def test_c09_a_call_answered_by_itself_lights_the_headset(make: Maker) -> None:
    desk = make(mic_gated=True)
    call = desk.rings()
    desk.runs(1.0)
    desk.tell_established(call)  # nobody pressed anything: the switch or the phone answered
    desk.runs(1.0)
    assert desk.headset.lamps.off_hook, "Off-Hook is dark"
    assert not desk.headset.lamps.ring
    assert desk.headset.off_hook
    assert not desk.headset.muted, "a microphone that waits for Off-Hook stays dead"
    check_ends_by_key(desk, call)
    assert not desk.headset.lamps.off_hook


@holds_against(MUTABLE, Anchor(anchors.GenesysOwnPressOnly, "the mute key is dead", MUTABLE))
def test_c09_keys_work_in_a_call_that_was_dialled_in_the_app(make: Maker) -> None:
    desk = make()
    desk.asks(Dial("10086"))
    desk.runs(1.0)
    (view,) = desk.now.calls
    desk.tell_established(view.call)
    desk.runs(5.0)
    desk.press_mute()
    assert desk.now.mute.value == "muted", "the mute key is dead"
    assert desk.headset.lamps.mute
    check_ends_by_key(desk, view.call)


ECHOES = [{"faults": Faults(echo_after_s=late)} for late in (0.0, 0.8)]


@holds_against(
    LAMPS,
    Anchor(anchors.GenesysHook, "an echo answered", LAMPS),
    Anchor(anchors.GonnectDeadTime, "an echo answered", LAMPS),
)
def test_c10_what_the_headset_says_to_our_off_hook_answers_nothing(make: Maker) -> None:
    for manners in ECHOES:
        desk = make(lines=(L1, L2), **manners)
        first, second = desk.rings(), desk.rings("10010", line=L2)
        desk.runs(2.0)
        desk.asks(Answer(first))
        desk.runs(5.0)
        assert asked(desk, Answer, L2) == 0, "an echo answered the other call"
        assert desk.state(first) is CallState.CONNECTED
        assert desk.state(second) is CallState.RINGING, "an echo answered the other call"
        desk.asks(HangUp(first))
        desk.runs(5.0)
        assert desk.state(first) is None
        assert desk.state(second) is CallState.RINGING, "an echo answered or refused the other call"
        desk.press_hook()
        desk.runs(1.0)
        assert desk.state(second) is CallState.CONNECTED, "the key no longer answers"


@holds_against(
    LAMPS,
    Anchor(anchors.TsipDeadTime, "the press was lost", LAMPS),
)
def test_c10_a_press_soon_after_our_off_hook_is_heard(make: Maker) -> None:
    desk = make()
    call = desk.rings()
    desk.runs(2.0)
    desk.asks(Answer(call))
    desk.runs(0.9)
    desk.press_hook()
    desk.runs(1.0)
    assert desk.state(call) is None, "the press was lost"


@pytest.mark.parametrize("name", LAMPS)
def test_c10_a_headset_that_never_echoes_answers_the_next_call_too(name: str) -> None:
    desk = RealDesk(KITS[name], echo_hook=False)
    for _ in range(3):
        call = desk.talks_by_key()
        desk.clears(call)  # the customer hung up: the headset learns it by its lamp, and says nothing
        desk.runs(5.0)
        assert not desk.headset.off_hook


@holds_against(LAMPS, Anchor(anchors.LateApp, "not acknowledged at once", LAMPS))
def test_c12_a_press_is_acknowledged_before_the_line_has_answered(make: Maker) -> None:
    desk = make(line_after_s=2.5)
    call = desk.rings()
    desk.runs(3.0)
    desk.hand(lambda headset, at: headset.press_hook(at))
    desk.runs(LATENCY_S)
    assert desk.headset.lamps.off_hook, "the press was not acknowledged at once"
    desk.runs(2.4)
    assert desk.state(call) is CallState.RINGING
    assert desk.headset.off_hook, "the headset took the press back"
    desk.runs(1.0)
    assert desk.state(call) is CallState.CONNECTED
    assert asked(desk, Answer) == 1
    assert desk.headset.off_hook
    check_ends_by_key(desk, call)


@holds_against(LAMPS, Anchor(anchors.LateApp, "not acknowledged at once", LAMPS))
def test_c12_an_answer_the_line_refuses_is_taken_back(make: Maker) -> None:
    desk = make(line_after_s=None)
    call = desk.rings()
    desk.runs(3.0)
    desk.press_hook()
    assert desk.headset.lamps.off_hook, "the press was not acknowledged at once"
    desk.runs(1.0)
    desk.refuses(call)
    desk.runs(0.1)
    assert desk.headset.lamps.off_hook is False, "not taken back at once"
    assert desk.state(call) is CallState.RINGING
    if "lamp_ring" in desk.headset.features:
        assert desk.headset.lamps.ring, "not taken back at once: it rings and does not show it"
    desk.runs(3.0)
    desk.press_hook()
    desk.runs(0.1)
    assert asked(desk, Answer) == 2, "the second press was lost"


@holds_against(EDGES, Anchor(anchors.LateApp, "the mute key is dead", EDGES))
def test_c12_mute_presses_in_a_row_are_each_acknowledged(make: Maker) -> None:
    desk = make(faults=Faults(waits_for_mute_ack=True))
    desk.asks(Answer(desk.rings()))
    desk.runs(5.0)
    for muted in (True, False, True, False):
        desk.press_mute()
        desk.runs(0.5)
        assert desk.now.mute.value == ("muted" if muted else "live"), "the mute key is dead"
        assert desk.headset.muted is muted, "the mute key is dead"
    assert not desk.headset.lamps.mute


@pytest.mark.parametrize("name", LAMPS)
def test_c12_the_lamp_is_written_in_the_turn_in_which_the_press_arrives(name: str) -> None:
    desk = RealDesk(KITS[name], line_after_s=None)
    desk.rings()
    desk.runs(3.0)
    pressed_at = desk.at
    desk.hand(lambda headset, at: headset.press_hook(at))
    desk.runs(2.0)
    acknowledged_at = min(at for at, _ in desk.stations[HS].written if at > pressed_at)
    assert acknowledged_at - pressed_at == pytest.approx(LATENCY_S)
