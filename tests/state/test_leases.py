"""An app holds a headset: one at a time, for calls of its own, until it says so or dies."""

from __future__ import annotations

import pytest

from state.commands import (
    AcquireHeadset,
    Dial,
    IdentifyDevice,
    Lamps,
    ReleaseHeadset,
    SetLamps,
    SetMute,
    SetPassive,
    ShowHeadset,
)
from state.effects import Reply, SendToDevice
from state.events import ButtonPressed, ClientLeft, DigitKeyed
from state.ids import DeviceId
from state.lease import CONFIRM_S
from state.words import Button
from tests.state.driver import HS, Desk

SOFTPHONE, OTHER = "client-1", "client-2"


def held() -> Desk:
    desk = Desk()
    assert acquire(desk) == ""
    return desk


def kind(reply: Reply | None) -> str:
    assert reply is not None
    return reply.kind


def acquire(desk: Desk, client: str = SOFTPHONE, app: str = "Softphone", device: DeviceId = HS) -> str:
    return kind(desk.asks(AcquireHeadset(device, app), app=client))


def show(desk: Desk, client: str = SOFTPHONE, **lamps: bool) -> str:
    return kind(desk.asks(ShowHeadset(HS, **lamps), app=client))


def test_a_second_app_is_refused_with_the_name_of_the_first() -> None:
    desk = held()
    assert acquire(desk, OTHER, "Browser") == "held"
    reply = desk.reply()
    assert reply is not None
    assert "Softphone" in reply.message
    assert reply.data == {"holder": "Softphone"}
    assert desk.now.devices[0].holder == "Softphone"


def test_the_holder_may_ask_again_and_change_its_name() -> None:
    desk = held()
    assert acquire(desk, app="Softphone 2") == ""
    assert desk.now.devices[0].holder == "Softphone 2"


def test_a_lease_of_nothing_is_refused() -> None:
    desk = Desk()
    assert acquire(desk, device=DeviceId("h9")) == "no_such_device"
    assert kind(desk.asks(ReleaseHeadset(HS), app=SOFTPHONE)) == "not_held"
    assert show(desk, ring=True) == "not_held"


def test_only_the_holder_shows_and_releases() -> None:
    desk = held()
    assert show(desk, OTHER, ring=True) == "held"
    assert kind(desk.asks(ReleaseHeadset(HS), app=OTHER)) == "held"
    assert kind(desk.asks(ReleaseHeadset(HS), app=SOFTPHONE)) == ""
    assert desk.now.devices[0].holder == ""
    assert acquire(desk, OTHER, "Browser") == ""


def test_a_crash_ends_the_lease_and_darkens_its_lamps() -> None:
    desk = held()
    show(desk, ring=True)
    assert desk.lamps() == Lamps(ring=True)
    desk.tell(ClientLeft(desk.at, SOFTPHONE))
    assert desk.lamps() == Lamps()
    told = [data for _, data in desk.told("device.released")]
    assert told == [{"device": HS, "app": "Softphone", "reason": "client_left"}]
    assert acquire(desk, OTHER, "Browser") == ""


def test_somebody_elses_end_ends_no_lease() -> None:
    desk = held()
    desk.tell(ClientLeft(desk.at, OTHER))
    assert desk.now.devices[0].holder == "Softphone"


def test_a_press_is_shown_before_the_app_answers_and_taken_back_without_its_answer() -> None:
    desk = held()
    show(desk, ring=True)
    desk.hooks(off=True)
    assert desk.lamps() == Lamps(off_hook=True, microphone=True)
    desk.runs(CONFIRM_S + 0.1)
    assert desk.lamps() == Lamps(ring=True)


def test_an_app_that_answers_in_time_keeps_what_was_shown() -> None:
    desk = held()
    show(desk, ring=True)
    desk.hooks(off=True)
    show(desk, off_hook=True)
    desk.runs(CONFIRM_S + 0.1)
    assert desk.lamps() == Lamps(off_hook=True, microphone=True)


def test_mute_works_in_the_apps_call_and_ends_with_it() -> None:
    desk = held()
    show(desk, off_hook=True)
    desk.mutes()
    assert desk.lamps() == Lamps(off_hook=True, mute=True)
    show(desk)
    assert desk.lamps() == Lamps()
    assert desk.now.mute.value == "live"


@pytest.mark.parametrize("ends", ["release", "crash"])
def test_mute_ends_with_the_lease_that_had_the_call(ends: str) -> None:
    desk = held()
    show(desk, off_hook=True)
    desk.asks(SetMute(True))
    if ends == "release":
        desk.asks(ReleaseHeadset(HS), app=SOFTPHONE)
    else:
        desk.tell(ClientLeft(desk.at, SOFTPHONE))
    assert desk.now.mute.value == "live"


def test_a_call_of_the_seat_comes_first_and_the_app_is_shown_again_after_it() -> None:
    desk = held()
    show(desk, hold=True, off_hook=True)
    call = desk.rings()
    assert desk.lamps() == Lamps(ring=True)
    desk.answers(call)
    assert desk.lamps() == Lamps(off_hook=True, microphone=True)
    desk.clears(call)
    assert desk.lamps() == Lamps(off_hook=True, hold=True, microphone=True)


def test_keys_of_a_held_headset_are_told_and_do_nothing_of_the_seats() -> None:
    desk = Desk()
    desk.asks(Dial("10086"))
    dialled = len(desk.commands())
    acquire(desk)
    desk.tell(ButtonPressed(desk.at, HS, HS, Button.REDIAL))
    assert len(desk.commands()) == dialled
    assert [data["button"] for _, data in desk.told("device.button")] == [Button.REDIAL]


def test_a_lease_outlives_the_cable() -> None:
    desk = held()
    show(desk, off_hook=True)
    desk.unplugs()
    desk.plugs_in()
    assert desk.now.devices[0].holder == "Softphone"
    assert desk.lamps() == Lamps(off_hook=True, microphone=True)


def passive(desk: Desk) -> list[bool]:
    """What the headset's engine was told of somebody else."""
    sent = [effect.command for _, effect in desk.of(SendToDevice) if effect.device == HS]
    return [command.passive for command in sent if isinstance(command, SetPassive)]


def lamps_sent(desk: Desk) -> int:
    return sum(isinstance(effect.command, SetLamps) for _, effect in desk.of(SendToDevice))


def test_an_app_that_wants_the_headset_to_itself_is_alone_with_it() -> None:
    desk = Desk()
    assert kind(desk.asks(AcquireHeadset(HS, "learn", hands_off=True), app=SOFTPHONE)) == ""
    assert passive(desk) == [True]
    before = lamps_sent(desk)
    desk.rings()
    assert lamps_sent(desk) == before
    desk.tell(ClientLeft(desk.at, SOFTPHONE))
    assert passive(desk) == [True, False]
    assert desk.lamps() == Lamps(ring=True)
    assert lamps_sent(desk) == before + 1


def test_it_is_alone_with_the_headset_after_a_replug_too() -> None:
    desk = Desk()
    desk.asks(AcquireHeadset(HS, "learn", hands_off=True), app=SOFTPHONE)
    desk.unplugs()
    desk.plugs_in()
    assert passive(desk) == [True, True]


def test_nobody_gets_a_headset_to_itself_while_a_call_needs_it() -> None:
    desk = Desk()
    desk.rings()
    assert kind(desk.asks(AcquireHeadset(HS, "learn", hands_off=True), app=SOFTPHONE)) == "busy"
    assert passive(desk) == []


def test_mute_of_an_apps_call_outlives_a_call_of_the_seat() -> None:
    """Nobody makes a muted microphone live behind the agent's back."""
    desk = held()
    show(desk, off_hook=True)
    desk.mutes()
    call = desk.rings()
    desk.answers(call)
    desk.clears(call)
    assert desk.lamps() == Lamps(off_hook=True, mute=True)
    assert desk.now.mute.value == "muted"
    show(desk)
    assert desk.now.mute.value == "live"


def test_digits_keyed_at_a_held_headset_do_not_go_to_the_seats_customer() -> None:
    desk = Desk()
    other = DeviceId("h2")
    desk.plugs_in(other)
    call = desk.rings()
    desk.hooks(off=True)
    desk.connects(call)
    acquire(desk, device=other)
    sent = len(desk.commands())
    desk.tell(DigitKeyed(desk.at, other, other, "5"))
    assert len(desk.commands()) == sent
    desk.tell(DigitKeyed(desk.at, HS, HS, "5"))
    assert len(desk.commands()) == sent + 1


def test_a_headset_an_app_has_to_itself_does_not_blink() -> None:
    desk = Desk()
    desk.asks(AcquireHeadset(HS, "learn", hands_off=True), app=SOFTPHONE)
    reply = desk.asks(IdentifyDevice(HS), app=OTHER)
    assert kind(reply) == "held"
    assert reply is not None
    assert reply.data == {"holder": "learn"}


def test_a_headset_whose_lamps_show_an_apps_call_does_not_blink() -> None:
    desk = held()
    assert kind(desk.asks(IdentifyDevice(HS))) == ""
    show(desk, ring=True)
    assert kind(desk.asks(IdentifyDevice(HS))) == "busy"
