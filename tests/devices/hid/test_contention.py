"""A second program that writes to the headset is told apart from the agent; a press always gets through."""

from __future__ import annotations

import pytest

from devices.hid.echo import CONFIRM_S, SUSPECT_S
from devices.hid.engine import END_KEY_S, HeadsetEngine
from state.commands import Lamps, SetLamps
from state.engine import Step
from state.events import DeviceContended, HookChanged, MuteRequested
from state.ids import DeviceId
from tests.devices.hid.descriptors import HEADSET

ME = DeviceId("headset-1")
HOOK, MUTE = 1, 2
TALKING = Lamps(off_hook=True, microphone=True)
MUTED = Lamps(off_hook=True, mute=True)


class Call:
    """A headset in a call that it answered ten seconds ago."""

    def __init__(self) -> None:
        self.engine = HeadsetEngine(ME, HEADSET)
        self.at = 0.0
        self.say(0)
        self.show(Lamps(ring=True))
        self.say(HOOK, after=2.0)
        self.show(TALKING, after=0.01)
        self.at += 10.0

    def say(self, bits: int, after: float = 0.0) -> Step:
        self.at += after
        return self.engine.feed(bytes((1, bits)), self.at)

    def show(self, lamps: Lamps, after: float = 0.0) -> list[str]:
        self.at += after
        return [w.data.hex(" ") for w in self.engine.request(SetLamps(lamps), self.at).writes]


def kinds(step: Step) -> list[type]:
    return [type(event) for event in step.events]


def test_a_hook_that_falls_on_our_own_write_ends_no_call_and_is_set_again() -> None:
    call = Call()
    call.show(MUTED)
    step = call.say(0, after=0.1)
    assert kinds(step) == [DeviceContended]
    shown = [write.data.hex(" ") for write in step.writes]
    assert len(shown) == 2  # out and on again: a headset that left heeds Off-Hook only where it changes
    assert shown[-1] == call.engine.farewell()[0].data.hex(" ")
    assert call.say(HOOK, after=0.1) == Step()


def test_the_agent_who_presses_again_gets_through() -> None:
    call = Call()
    call.show(MUTED)
    call.say(0, after=0.1)
    call.say(HOOK, after=0.1)
    assert call.say(0, after=1.0).events == (HookChanged(call.at, ME, ME, False),)


def test_who_presses_again_within_another_write_gets_through_too() -> None:
    call = Call()
    call.show(MUTED)
    call.say(0, after=0.1)
    call.say(HOOK, after=0.1)
    call.show(TALKING, after=0.5)
    assert kinds(call.say(0, after=0.1)) == [HookChanged]


def test_doubt_is_raised_anew_when_the_last_one_is_long_past() -> None:
    call = Call()
    call.show(MUTED)
    call.say(0, after=0.1)
    call.say(HOOK, after=0.1)
    call.show(TALKING, after=CONFIRM_S + 1.0)
    assert kinds(call.say(0, after=0.1)) == [DeviceContended]


def test_a_hook_that_falls_later_is_the_agent() -> None:
    call = Call()
    call.show(MUTED)
    assert kinds(call.say(0, after=SUSPECT_S + 0.01)) == [HookChanged]


def test_a_hook_that_falls_on_no_write_is_the_agent() -> None:
    call = Call()
    call.show(TALKING)  # nothing to write: it shows that already
    assert kinds(call.say(0, after=0.1)) == [HookChanged]


def test_an_answer_that_is_bounced_is_no_contention() -> None:
    call = Call()
    assert kinds(call.say(0)) == [HookChanged]
    call.show(Lamps())
    call.show(Lamps(ring=True), after=5.0)
    call.say(HOOK, after=1.0)
    call.show(TALKING, after=0.01)
    assert call.say(0, after=0.05) == Step()


@pytest.mark.parametrize("after", [0.0, END_KEY_S - 0.01])
def test_an_end_key_that_mutes_as_well_ends_only(after: float) -> None:
    call = Call()
    if after == 0.0:
        assert kinds(call.say(MUTE)) == [HookChanged]
    else:
        assert kinds(call.say(0)) == [HookChanged]
        assert call.say(MUTE, after=after) == Step()


def test_mute_long_after_the_end_is_a_request() -> None:
    call = Call()
    call.say(0)
    assert kinds(call.say(MUTE, after=END_KEY_S + 0.01)) == [MuteRequested]
