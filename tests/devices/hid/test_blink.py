"""Which headset is which: a lamp goes on and off three times, and never gets in the way of a call."""

from __future__ import annotations

import random

import pytest

from devices.hid.blink import STEP_S, STEPS, Blink
from devices.hid.engine import HeadsetEngine
from state.commands import Identify, Lamps, SetLamps
from state.engine import Write
from state.events import EffectFailed
from state.ids import DeviceId
from tests.devices.hid.descriptors import CALL_CONTROL, CMEDIA, WITH_LAMPS, load

ME = DeviceId("h1")


def engine_of(name: str) -> HeadsetEngine:
    device = load(name)
    return HeadsetEngine(ME, device.descriptor, device.model)


def run(engine: HeadsetEngine, at: float) -> list[tuple[float, Write]]:
    """Everything written until the engine has no deadline within a minute."""
    written: list[tuple[float, Write]] = []
    while (due := engine.next_deadline()) is not None and due < at + 10.0:
        written += [(due, write) for write in engine.advance(due).writes]
    return written


@pytest.mark.parametrize("name", WITH_LAMPS)
def test_a_lamp_blinks_and_ends_as_it_was(name: str) -> None:
    engine = engine_of(name)
    dark = {write.data for write in engine.request(SetLamps(Lamps()), 0.0).writes}
    engine.advance(9.9)
    lit, *on_display = engine.request(Identify(), 10.0).writes
    assert bool(on_display) is ("display" in engine.features)
    later = [(at, write.data) for at, write in run(engine, 10.0) if write.data[0] == lit.data[0]]
    assert [at for at, _ in later] == [10.0 + STEP_S * step for step in range(1, STEPS)]
    assert [data == lit.data for _, data in later] == [False, True] * ((STEPS - 1) // 2) + [False]
    assert later[-1][1] in dark
    assert lit.data not in dark


def test_a_call_stops_it() -> None:
    engine = engine_of(CALL_CONTROL[0])
    engine.request(SetLamps(Lamps()), 0.0)
    engine.request(Identify(), 10.0)
    engine.request(SetLamps(Lamps(ring=True)), 10.2)
    assert run(engine, 10.2) == []
    assert engine.lamps == Lamps(ring=True)


def test_a_headset_without_a_lamp_to_spare_says_so() -> None:
    step = engine_of(CMEDIA).request(Identify(), 1.0)
    assert step.writes == ()
    (event,) = step.events
    assert isinstance(event, EffectFailed)
    assert event.reason == "not_supported"
    assert "lamp" in event.detail


@pytest.mark.parametrize(
    ("features", "lamp"),
    [
        ({"lamp_ring", "lamp_hold", "lamp_message_waiting"}, "message_waiting"),
        ({"lamp_ring", "lamp_hold", "lamp_mute"}, "ring"),
        ({"lamp_hold", "lamp_off_hook"}, "hold"),
    ],
)
def test_the_lamp_that_matters_least_is_taken(features: set[str], lamp: str) -> None:
    blink = Blink(frozenset(features))
    blink.start(1.0)
    assert blink.over(Lamps()) == Lamps(**{lamp: True})


def test_off_hook_and_mute_never_blink() -> None:
    assert not Blink(frozenset({"lamp_off_hook", "lamp_mute", "lamp_microphone"})).possible


def test_late_steps_are_skipped_not_made_up_for() -> None:
    blink = Blink(frozenset({"lamp_ring"}))
    blink.start(0.0)
    assert blink.advance(STEP_S * 3)
    assert blink.over(Lamps()) == Lamps()
    assert blink.next_deadline() == STEP_S * 4
    assert blink.advance(100.0)
    assert blink.next_deadline() is None
    assert not blink.advance(101.0)


def test_it_ends_whenever_it_began() -> None:
    """A step is due when its deadline says so: a clock that stops at deadlines would wait for ever."""
    chance = random.Random(1)
    for began in (chance.uniform(0.0, 10.0) for _ in range(1000)):
        blink = Blink(frozenset({"lamp_ring"}))
        blink.start(began)
        changes = 0
        while (due := blink.next_deadline()) is not None:
            assert blink.advance(due)
            changes += 1
        assert changes == STEPS
