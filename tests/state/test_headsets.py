"""Several headsets at one seat: all ring, one has the call, it goes where it is taken up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from state.commands import Answer, HangUp, Hold, Identify, IdentifyDevice, Lamps, Reject, Retrieve, SignOut
from state.effects import SendToDevice
from state.events import BatteryReported, ButtonPressed, DeviceContended, EffectFailed
from state.ids import CallId, DeviceId
from state.words import Button, CallState
from tests.state.driver import HS, L1, OFF, Desk

H2 = DeviceId("047f:c056:A1:1-1.4")
IN_CALL = Lamps(off_hook=True, microphone=True)
DARK = Lamps()


def two_headsets() -> Desk:
    desk = Desk(OFF)  # without the silent-call script, which holds an early hang-up back
    desk.plugs_in(H2)
    return desk


def lamps(desk: Desk) -> tuple[Lamps, Lamps]:
    return desk.lamps(HS), desk.lamps(H2)


def press(desk: Desk, button: Button, *, long: bool = False, device: DeviceId = HS) -> None:
    desk.tell(ButtonPressed(desk.at, device, device, button, long))


def fails(desk: Desk, call: CallId) -> None:
    """The line could not do what it was asked."""
    desk.tell(EffectFailed(desk.at, L1, "CallCommand", L1, "device_error", call))


# all ring, one answers ---------------------------------------------------------------------------


def test_all_ring_and_the_one_that_answers_has_the_call() -> None:
    desk = two_headsets()
    call = desk.rings()
    assert lamps(desk) == (Lamps(ring=True), Lamps(ring=True))
    desk.hooks(off=True, device=H2)
    assert desk.commands() == [Answer(call)]
    assert lamps(desk) == (DARK, Lamps(off_hook=True))
    desk.connects(call)
    assert lamps(desk) == (DARK, IN_CALL)


def test_on_hook_at_the_other_headset_ends_nothing() -> None:
    desk = two_headsets()
    desk.talks()
    desk.hooks(off=False, device=H2)
    assert not [c for c in desk.commands() if isinstance(c, HangUp)]


def test_the_call_goes_on_at_the_headset_that_is_taken_up() -> None:
    desk = two_headsets()
    call = desk.talks()
    desk.hooks(off=True, device=H2)
    assert lamps(desk) == (DARK, IN_CALL)
    assert desk.told("device.took_over") == [(desk.at, {"device": H2, "call": call})]
    desk.hooks(off=False, device=HS)  # the echo of its own lamp, or a hand on it: the call is not there
    assert desk.commands() == [Answer(call)]
    desk.hooks(off=False, device=H2)
    assert desk.commands()[-1] == HangUp(call)


def test_a_muted_call_stays_muted_where_it_goes() -> None:
    desk = two_headsets()
    desk.talks()
    desk.mutes()
    desk.hooks(off=True, device=H2)
    assert lamps(desk) == (DARK, Lamps(off_hook=True, mute=True))
    assert desk.now.mute.value == "muted"


def test_a_call_answered_at_the_desktop_is_on_every_headset() -> None:
    desk = two_headsets()
    call = desk.rings()
    desk.asks(Answer(call))
    desk.connects(call)
    assert lamps(desk) == (IN_CALL, IN_CALL)
    desk.hooks(off=False, device=H2)
    assert desk.commands()[-1] == HangUp(call)


# cables ------------------------------------------------------------------------------------------


def test_the_call_is_on_the_other_headset_while_its_own_is_away_and_returns_with_it() -> None:
    desk = two_headsets()
    call = desk.talks()
    desk.unplugs(HS)
    assert desk.lamps(H2) == IN_CALL
    desk.plugs_in(HS)
    assert lamps(desk) == (IN_CALL, DARK)
    desk.hooks(off=False, device=H2)
    desk.hooks(off=False, device=HS)
    assert desk.commands()[1:] == [HangUp(call)]


def test_the_headset_that_is_left_can_end_the_call() -> None:
    desk = two_headsets()
    call = desk.talks()
    desk.unplugs(HS)
    desk.hooks(off=False, device=H2)
    assert desk.commands()[-1] == HangUp(call)


def test_the_owner_of_one_call_does_not_own_the_next() -> None:
    desk = two_headsets()
    call = desk.talks()
    desk.clears(call)
    later = desk.rings("10010")
    desk.hooks(off=True, device=H2)
    desk.connects(later)
    assert lamps(desk) == (DARK, IN_CALL)


# what was pressed is shown at once, and taken back when it fails ------------------------------------


def test_an_answer_is_acknowledged_before_the_line_answers_and_taken_back_when_it_fails() -> None:
    desk = Desk()
    call = desk.rings()
    desk.hooks(off=True)
    assert desk.lamps() == Lamps(off_hook=True)
    fails(desk, call)
    assert desk.lamps() == Lamps(ring=True)


def test_hold_is_acknowledged_before_the_line_holds_and_taken_back_when_it_fails() -> None:
    desk = Desk()
    call = desk.talks()
    press(desk, Button.FLASH)
    assert desk.commands()[-1] == Hold(call)
    assert desk.lamps().hold
    fails(desk, call)
    assert desk.lamps() == IN_CALL


def test_retrieve_is_acknowledged_before_the_line_retrieves_and_taken_back_when_it_fails() -> None:
    desk = Desk()
    call = desk.talks()
    desk.holds(call)
    press(desk, Button.FLASH)
    assert desk.commands()[-1] == Retrieve(call)
    assert not desk.lamps().hold
    fails(desk, call)
    assert desk.lamps().hold


def test_the_end_is_acknowledged_and_taken_back_when_it_fails() -> None:
    desk = Desk(OFF)
    call = desk.talks()
    desk.hooks(off=False)
    assert desk.commands()[-1] == HangUp(call)
    assert not desk.lamps().off_hook
    fails(desk, call)
    assert desk.lamps().off_hook


# the second call -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("long", "wanted"), [(False, Answer), (True, Reject)])
def test_flash_takes_the_waiting_call_and_a_long_flash_refuses_it(long: bool, wanted: type) -> None:
    desk = Desk()
    desk.talks(number="101")
    second = desk.rings("102", state=CallState.WAITING)
    press(desk, Button.FLASH, long=long)
    assert desk.commands()[-1] == wanted(second)


# which is which, and who else writes -----------------------------------------------------------------


def test_a_device_is_asked_to_show_itself() -> None:
    desk = two_headsets()
    reply = desk.asks(IdentifyDevice(H2))
    assert reply is not None
    assert not reply.kind
    sent = [effect for _, effect in desk.of(SendToDevice) if isinstance(effect.command, Identify)]
    assert [effect.device for effect in sent] == [H2]


@pytest.mark.parametrize(
    ("device", "up", "kind"), [(DeviceId("nobody"), False, "no_such_device"), (HS, True, "busy")]
)
def test_a_device_does_not_blink_when_it_is_unknown_or_needed(device: DeviceId, up: bool, kind: str) -> None:
    desk = Desk()
    if up:
        desk.talks()
    reply = desk.asks(IdentifyDevice(device))
    assert reply is not None
    assert reply.kind == kind
    assert not [e for _, e in desk.of(SendToDevice) if isinstance(e.command, Identify)]


def test_a_device_somebody_else_writes_to_says_so_until_it_is_plugged_in_anew() -> None:
    desk = Desk()
    desk.talks()
    desk.tell(DeviceContended(desk.at, HS, HS, "went on-hook by itself"))
    assert desk.now.devices[0].contended == "went on-hook by itself"
    assert [data["device"] for _, data in desk.told("device.contended")] == [HS]
    assert not [c for c in desk.commands() if isinstance(c, HangUp)]
    desk.unplugs()
    desk.plugs_in()
    assert not desk.now.devices[0].contended


def test_a_battery_is_shown() -> None:
    desk = Desk()
    assert desk.now.devices[0].battery_percent is None
    desk.tell(BatteryReported(desk.at, HS, HS, 80))
    assert desk.now.devices[0].battery_percent == 80
    assert desk.told("device.battery") == [(desk.at, {"device": HS, "charge_percent": 80})]


# kept off-hook while signed in -----------------------------------------------------------------------


def kept() -> Desk:
    return Desk(replace(OFF, keep_off_hook=True))


def test_a_headset_that_is_kept_off_hook_can_be_muted_outside_calls() -> None:
    desk = kept()
    assert desk.lamps() == Lamps(off_hook=True)
    desk.mutes()
    assert desk.lamps() == Lamps(off_hook=True, mute=True)
    assert desk.now.mute.value == "muted"


@pytest.mark.parametrize("off", [False, True])
def test_a_press_at_it_answers_whatever_it_reads_as(off: bool) -> None:
    desk = kept()
    call = desk.rings()
    assert desk.lamps() == Lamps(off_hook=True, ring=True)
    desk.hooks(off=off)
    assert desk.commands() == [Answer(call)]
    desk.connects(call)
    desk.hooks(off=False)
    assert desk.commands()[-1] == HangUp(call)
    desk.clears(call)
    assert desk.lamps() == Lamps(off_hook=True)


def test_it_is_let_go_when_the_agent_signs_out() -> None:
    desk = kept()
    desk.asks(SignOut())
    assert desk.lamps() == DARK


def test_a_press_with_nothing_to_answer_only_sets_it_off_hook_again() -> None:
    desk = kept()
    desk.hooks(off=False)
    assert desk.commands() == []
    assert desk.reasserted()[-1] == desk.at
