"""Engine and simulated headset wired back to back, through every real descriptor, over whole calls."""

from __future__ import annotations

import pytest

from devices.hid.engine import HeadsetEngine
from devices.models.record import DEFAULT, HoldStyle, ModelRecord
from devices.simulated.headset import SimulatedHeadset
from state.commands import Lamps, SetLamps
from state.engine import Step
from state.events import ButtonPressed, DigitKeyed, Event, HookChanged, MuteReported, MuteRequested
from state.ids import DeviceId
from state.words import Button
from tests.devices.hid.descriptors import (
    ANKER,
    BIZ,
    BT700,
    CALL_CONTROL,
    CMEDIA,
    CX300,
    D1,
    HEADSET,
    JABRA,
    LEVEL_HEADSET,
    SC660,
    WITH_LAMPS,
    load,
)

ME = DeviceId("loop")
MUTABLE = tuple(name for name in WITH_LAMPS if name != CX300)


class Loop:
    """A host with one engine, a headset, and a wire with a little delay; events gather in `heard`."""

    DELAY_S = 0.008

    def __init__(
        self, name: str | bytes, baseline: bool = True, *, echo_hook: bool = True, echo_mute: bool = False
    ) -> None:
        device = load(name) if isinstance(name, str) else None
        descriptor = device.descriptor if device else name
        assert isinstance(descriptor, bytes)
        model: ModelRecord | None = device.model if device else None
        self.headset = SimulatedHeadset(descriptor, model=model, echo_hook=echo_hook, echo_mute=echo_mute)
        self.engine = HeadsetEngine(ME, descriptor, model)
        self.at = 1000.0
        self.heard: list[Event] = []
        if baseline:
            self.agent(self.headset.report_state())
        self.show(Lamps())
        self.wait(5.0)

    def agent(self, step: Step) -> list[Event]:
        """Carry what the headset sent to the engine."""
        before = len(self.heard)
        self.at += self.DELAY_S
        for write in step.writes:
            heard = self.engine.feed(write.data, self.at)
            self.heard += heard.events
            for acknowledgement in heard.writes:
                answer = self.headset.feed(acknowledgement.data, self.at, acknowledgement.via)
                if answer.writes:
                    self.agent(answer)
        assert self.engine.ignored_reports == 0
        return self.heard[before:]

    def show(self, lamps: Lamps) -> list[Event]:
        """Set the lamps; what the headset answers comes back."""
        before = len(self.heard)
        for write in self.engine.request(SetLamps(lamps), self.at).writes:
            self.agent(self.headset.feed(write.data, self.at, write.via))
        return self.heard[before:]

    def wait(self, seconds: float) -> list[Event]:
        """Let both sides' deadlines fire in their order."""
        before = len(self.heard)
        end = self.at + seconds
        while True:
            dues = [d for d in (self.headset.next_deadline(), self.engine.next_deadline()) if d is not None]
            due = max(min(dues, default=end), self.at)
            if due >= end:
                break
            self.at = due
            self.agent(self.headset.advance(self.at))
            step = self.engine.advance(self.at)
            self.heard += step.events
            for write in step.writes:
                self.headset.feed(write.data, self.at, write.via)
        self.at = max(self.at, end)
        return self.heard[before:]

    def hook(self, events: list[Event]) -> list[bool]:
        assert all(isinstance(event, HookChanged) for event in events)
        return [event.off_hook for event in events if isinstance(event, HookChanged)]


@pytest.mark.parametrize("baseline", [True, False])
@pytest.mark.parametrize("name", MUTABLE)
def test_a_whole_call(name: str, baseline: bool) -> None:
    loop = Loop(name, baseline)
    assert loop.show(Lamps(ring=True)) == []
    assert loop.headset.lamps.ring
    loop.wait(4.0)
    assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [True]
    assert loop.show(Lamps(off_hook=True)) == []
    assert loop.headset.lamps == Lamps(off_hook=True)
    assert loop.wait(10.0) == []
    assert loop.agent(loop.headset.press_mute(loop.at)) == [MuteRequested(loop.at, ME, ME, True)]
    assert loop.show(Lamps(off_hook=True, mute=True)) == []
    assert loop.wait(10.0) == []
    assert loop.headset.muted
    assert loop.headset.lamps == Lamps(off_hook=True, mute=True)
    assert loop.agent(loop.headset.press_mute(loop.at)) == [MuteRequested(loop.at, ME, ME, False)]
    assert loop.show(Lamps(off_hook=True)) == []
    assert loop.wait(10.0) == []
    assert not loop.headset.muted
    assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [False]
    assert loop.show(Lamps()) == []
    assert loop.wait(10.0) == []
    assert (loop.headset.off_hook, loop.headset.lamps) == (False, Lamps())


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_ten_calls_answered_by_the_app_and_ended_at_the_headset(name: str) -> None:
    loop = Loop(name)
    for _ in range(10):
        loop.show(Lamps(ring=True))
        loop.wait(3.0)
        assert loop.show(Lamps(off_hook=True)) == []
        assert loop.headset.off_hook
        assert loop.wait(20.0) == []
        assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [False]
        assert loop.show(Lamps()) == []
        assert loop.wait(3.0) == []


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_a_headset_that_does_not_echo_can_be_ended_by_key(name: str) -> None:
    loop = Loop(name, echo_hook=False)
    loop.show(Lamps(off_hook=True))
    assert loop.wait(20.0) == []
    assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [False]
    assert loop.show(Lamps()) == []
    assert loop.wait(5.0) == []


@pytest.mark.parametrize("name", MUTABLE)
def test_a_headset_that_echoes_mute_does_not_loop(name: str) -> None:
    loop = Loop(name, echo_mute=True)
    loop.show(Lamps(off_hook=True))
    loop.wait(20.0)
    assert loop.show(Lamps(off_hook=True, mute=True)) == []
    assert loop.wait(5.0) == []
    assert loop.headset.muted


@pytest.mark.parametrize("name", MUTABLE)
def test_a_raised_boom_is_told_as_a_lock(name: str) -> None:
    loop = Loop(name)
    loop.show(Lamps(off_hook=True))
    loop.wait(20.0)
    asked = loop.agent(loop.headset.set_boom(True, loop.at))
    assert asked == [MuteRequested(loop.at, ME, ME, True)]
    assert loop.show(Lamps(off_hook=True, mute=True)) == []
    loop.wait(20.0)
    refused = loop.show(Lamps(off_hook=True))
    assert [(e.muted, e.locked) for e in refused if isinstance(e, MuteReported)] == [(True, True)]
    assert len(refused) == 1
    assert loop.show(Lamps(off_hook=True, mute=True)) == []
    assert loop.headset.muted
    loop.wait(5.0)
    lowered = loop.agent(loop.headset.set_boom(False, loop.at))
    assert lowered == [MuteRequested(loop.at, ME, ME, False)]
    assert loop.show(Lamps(off_hook=True)) == []
    assert not loop.headset.muted


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_a_press_nobody_answers_is_one_request_and_no_hang_up(name: str) -> None:
    """With nothing to answer nothing is acknowledged, and the headset takes the press back."""
    loop = Loop(name)
    assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [True]
    assert loop.wait(10.0) == []
    assert not loop.headset.off_hook
    assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [True]


@pytest.mark.parametrize("name", [JABRA, BIZ, SC660, D1, CX300])
def test_reject_is_one_press(name: str) -> None:
    loop = Loop(name)
    loop.show(Lamps(ring=True))
    loop.wait(1.0)
    events = loop.agent(loop.headset.press(Button.REJECT, loop.at))
    assert events == [ButtonPressed(loop.at, ME, ME, Button.REJECT)]
    assert loop.show(Lamps()) == []


@pytest.mark.parametrize("name", [JABRA, BIZ, CX300, ANKER])
def test_the_dial_pad(name: str) -> None:
    loop = Loop(name)
    for digit in "13800138000*#":
        loop.agent(loop.headset.press_digit(digit, loop.at))
        loop.wait(0.2)
    assert "".join(e.digit for e in loop.heard if isinstance(e, DigitKeyed)) == "13800138000*#"
    assert len(loop.heard) == 13


@pytest.mark.parametrize(("name", "can_be_long"), [(BT700, True), (CX300, True), (JABRA, False)])
def test_flash_short_and_long(name: str, can_be_long: bool) -> None:
    loop = Loop(name)
    loop.show(Lamps(off_hook=True))
    loop.wait(10.0)
    short = loop.agent(loop.headset.press(Button.FLASH, loop.at))
    assert [(e.button, e.long) for e in short if isinstance(e, ButtonPressed)] == [(Button.FLASH, False)]
    loop.wait(1.0)
    long = loop.agent(loop.headset.press(Button.FLASH, loop.at, long=True)) + loop.wait(5.0)
    pressed = [(e.button, e.long) for e in long if isinstance(e, ButtonPressed)]
    assert pressed == [(Button.FLASH, can_be_long)]
    assert len(long) == 1


def test_cmedia_states_its_mute_and_asks_by_edges() -> None:
    loop = Loop(CMEDIA)
    assert [type(event) for event in loop.heard] == [MuteReported]
    loop.show(Lamps(ring=True))
    assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [True]
    loop.show(Lamps(off_hook=True))
    muted = loop.agent(loop.headset.press_mute(loop.at))
    assert muted == [MuteReported(loop.at, ME, ME, muted=True)]
    assert loop.headset.muted
    loop.wait(30.0)
    assert loop.headset.muted
    live = loop.agent(loop.headset.press_mute(loop.at))
    assert live == [MuteReported(loop.at, ME, ME, muted=False)]
    assert loop.hook(loop.agent(loop.headset.press_hook(loop.at))) == [False]


def test_the_cx300_mutes_through_its_own_page() -> None:
    loop = Loop(CX300)
    loop.show(Lamps(off_hook=True))
    loop.wait(30.0)
    assert loop.agent(loop.headset.press_mute(loop.at)) == [MuteRequested(loop.at, ME, ME, True)]
    assert loop.show(Lamps(off_hook=True, mute=True)) == []
    loop.wait(30.0)
    assert loop.headset.muted
    assert loop.headset.lamps == Lamps(off_hook=True, mute=True)


def test_a_mute_level_headset_over_a_call() -> None:
    loop = Loop(LEVEL_HEADSET)
    loop.heard.clear()
    loop.show(Lamps(off_hook=True))
    loop.wait(10.0)
    assert loop.agent(loop.headset.press_mute(loop.at)) == [MuteReported(loop.at, ME, ME, muted=True)]
    assert loop.show(Lamps(off_hook=True, mute=True)) == []
    loop.wait(10.0)
    assert loop.show(Lamps(off_hook=True)) == [MuteReported(loop.at, ME, ME, muted=False)]


@pytest.mark.parametrize("name", CALL_CONTROL)
def test_every_lamp_picture_arrives_whatever_came_before(name: str) -> None:
    loop = Loop(name)
    shown = {feature.removeprefix("lamp_") for feature in loop.engine.features if feature[:5] == "lamp_"}
    if name == CX300:
        shown -= {"ring", "message_waiting"}
    clears = (load(name).model or DEFAULT).hold is HoldStyle.OFF_HOOK_CLEAR
    for bits in (1, 3, 2, 0, 9, 13, 4, 36, 63, 0, 33, 1, 0):
        values = {field: bool(bits >> n & 1) for n, field in enumerate(Lamps.__dataclass_fields__)}
        loop.show(Lamps(**values))
        loop.wait(2.0)
        seen = loop.headset.lamps
        values["off_hook"] &= not (clears and values["hold"])
        assert {field: getattr(seen, field) for field in shown} == {field: values[field] for field in shown}


def test_stale_lamps_of_an_earlier_host_are_cleared() -> None:
    loop = Loop(JABRA)
    loop.show(Lamps(off_hook=True, mute=True))
    restarted = HeadsetEngine(ME, loop.headset.descriptor)
    events: list[Event] = []
    for write in restarted.request(SetLamps(Lamps()), loop.at).writes:
        for report in loop.headset.feed(write.data, loop.at, write.via).writes:
            events += restarted.feed(report.data, loop.at).events
    assert loop.headset.lamps == Lamps()
    assert events == []


def test_a_restarted_host_adopts_a_call_without_a_false_request() -> None:
    loop = Loop(HEADSET)
    loop.show(Lamps(off_hook=True))
    restarted = HeadsetEngine(ME, HEADSET)
    for write in restarted.request(SetLamps(Lamps(off_hook=True)), loop.at).writes:
        assert loop.headset.feed(write.data, loop.at).writes == ()
    state = loop.headset.report_state().writes
    assert [restarted.feed(write.data, loop.at + 0.1).events for write in state] == [()]
    pressed = loop.headset.press_hook(loop.at + 9.0).writes
    events = [event for write in pressed for event in restarted.feed(write.data, loop.at + 9.0).events]
    assert loop.hook(events) == [False]


def test_an_adopted_call_can_be_ended_by_the_first_report() -> None:
    restarted = HeadsetEngine(ME, HEADSET)
    restarted.request(SetLamps(Lamps(off_hook=True)), 0.0)
    assert restarted.feed(b"\x01\x00", 60.0).events == (HookChanged(60.0, ME, ME, False),)
    other_key = HeadsetEngine(ME, HEADSET)
    other_key.request(SetLamps(Lamps(off_hook=True)), 0.0)
    assert [type(e) for e in other_key.feed(b"\x01\x02", 60.0).events] == [MuteRequested]
