"""The engine: presses become requests, lamps become acknowledgements, echoes stay silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.models.record import DEFAULT, HoldStyle, ModelRecord
from state.commands import Lamps, SetDisplay, SetLamps
from state.engine import NOTHING, Engine, Step
from state.errors import ProtocolError
from state.events import (
    ButtonPressed,
    DigitKeyed,
    EffectFailed,
    Event,
    HookChanged,
    MuteReported,
    MuteRequested,
)
from state.ids import DeviceId
from state.words import Button
from tests.devices.hid.descriptors import CMEDIA, D1, HEADSET, JABRA, LEVEL_HEADSET, SC660, load

ME = DeviceId("headset-1")
HOOK, MUTE, FLASH = 1, 2, 4
DARK = Lamps()
RINGING = Lamps(ring=True)
TALKING = Lamps(off_hook=True)
MUTED = Lamps(off_hook=True, mute=True)


class Bench:
    """An engine with a running clock: `say` feeds one input report, `show` sets lamps."""

    def __init__(self, descriptor: bytes = HEADSET, model: ModelRecord | None = None, idle: bool = True):
        self.engine = HeadsetEngine(ME, descriptor, model)
        self.at = 100.0
        self.written: list[str] = []
        if idle:
            self.say(0)

    def say(self, bits: int, after: float = 0.0, report_id: int = 1) -> list[Event]:
        self.at += after
        step = self.engine.feed(bytes((report_id, bits)), self.at)
        self.written = [write.data.hex(" ") for write in step.writes]
        return list(step.events)

    def show(self, lamps: Lamps, after: float = 0.0) -> list[str]:
        self.at += after
        return [w.data.hex(" ") for w in self.engine.request(SetLamps(lamps), self.at).writes]

    def hook(self, off_hook: bool) -> HookChanged:
        return HookChanged(self.at, ME, ME, off_hook)

    def button(self, button: Button, long: bool = False) -> ButtonPressed:
        return ButtonPressed(self.at, ME, ME, button, long)


def jabra() -> HeadsetEngine:
    device = load(JABRA)
    return HeadsetEngine(ME, device.descriptor, device.model)


def feed(engine: HeadsetEngine, hexed: str, at: float) -> list[Event]:
    return list(engine.feed(bytes.fromhex(hexed), at).events)


def test_it_has_the_shape_of_every_engine() -> None:
    engine: Engine[SetLamps | SetDisplay] = HeadsetEngine(ME, HEADSET)
    assert engine.next_deadline() is None
    assert engine.advance(5.0) == NOTHING


def test_it_takes_a_descriptor_as_bytes_or_parsed() -> None:
    parsed = HeadsetEngine(ME, parse_descriptor(HEADSET))
    assert parsed.features == HeadsetEngine(ME, HEADSET).features
    assert parsed.verdict.usable
    with pytest.raises(ProtocolError):
        HeadsetEngine(ME, HEADSET[:-1])


# hook ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, HOOK])
def test_the_first_report_is_baseline_for_the_hook(first: int) -> None:
    bench = Bench(idle=False)
    assert bench.say(first) == []
    assert bench.say(first ^ HOOK, after=9.0) == [bench.hook(not first)]


def test_a_first_report_while_ringing_is_the_answer() -> None:
    bench = Bench(idle=False)
    bench.show(DARK)
    bench.show(RINGING, after=5.0)
    assert bench.say(HOOK, after=3.0) == [bench.hook(True)]


def test_a_first_press_long_after_the_device_was_opened_is_one() -> None:
    bench = Bench(idle=False)
    bench.show(DARK)
    assert bench.say(HOOK, after=2.5) == [bench.hook(True)]


@pytest.mark.parametrize(("bits", "after"), [(HOOK, 1.5), (HOOK | FLASH, 2.5)])
def test_a_first_report_soon_or_with_other_keys_is_baseline_for_the_hook(bits: int, after: float) -> None:
    bench = Bench(idle=False)
    bench.show(DARK)
    assert bench.hook(True) not in bench.say(bits, after=after)


def test_press_answers_and_press_ends() -> None:
    bench = Bench()
    bench.show(RINGING)
    assert bench.say(HOOK, after=2.0) == [bench.hook(True)]
    assert bench.written == ["02 01"]
    assert bench.show(TALKING, after=0.02) == []
    assert bench.say(HOOK, after=0.3) == []
    assert bench.say(0, after=60.0) == [bench.hook(False)]


def test_a_quick_hang_up_right_after_the_ack_is_heard() -> None:
    bench = Bench()
    bench.show(RINGING)
    bench.say(HOOK, after=1.0)
    bench.show(TALKING, after=0.02)
    assert bench.say(0, after=1.0) == [bench.hook(False)]


def test_host_off_hook_is_echoed_once_and_swallowed_once() -> None:
    bench = Bench()
    bench.show(TALKING)
    assert bench.say(HOOK, after=0.4) == []
    assert bench.say(0, after=0.4) == [bench.hook(False)]


@pytest.mark.parametrize(("after", "heard"), [(1.4, False), (1.6, True)])
def test_the_echo_window_closes(after: float, heard: bool) -> None:
    bench = Bench()
    bench.show(TALKING)
    assert bench.say(HOOK, after=after) == ([bench.hook(True)] if heard else [])


def test_a_models_echo_window_counts() -> None:
    bench = Bench(model=replace(DEFAULT, hook_echo_s=0.5))
    bench.show(TALKING)
    assert bench.say(HOOK, after=0.6) == [bench.hook(True)]


def test_host_on_hook_is_echoed_too() -> None:
    bench = Bench()
    bench.show(TALKING)
    bench.say(HOOK, after=0.1)
    bench.show(DARK, after=30.0)
    assert bench.say(0, after=0.1) == []
    assert bench.say(HOOK, after=5.0) == [bench.hook(True)]


def test_a_stale_report_inside_the_echo_window_is_no_hang_up() -> None:
    bench = Bench()
    bench.show(TALKING)
    assert bench.say(MUTE, after=0.05) == [MuteRequested(bench.at, ME, ME, True)]
    assert bench.say(0, after=0.02) == []
    assert bench.say(HOOK, after=0.1) == []


def test_a_headset_that_never_echoes_can_still_hang_up() -> None:
    bench = Bench()
    bench.show(TALKING)
    assert bench.say(0, after=20.0) == [bench.hook(False)]
    assert bench.say(0, after=0.01) == []


def test_a_repeated_report_is_no_silent_hang_up() -> None:
    bench = Bench()
    bench.show(TALKING)
    bench.say(MUTE, after=20.0)
    assert bench.say(0, after=0.05) == []
    assert bench.say(0, after=0.05) == []


def test_a_late_hook_level_with_another_key_is_no_answer() -> None:
    bench = Bench()
    bench.show(TALKING)
    assert bench.say(HOOK | MUTE, after=30.0) == [MuteRequested(bench.at, ME, ME, True)]
    assert bench.say(HOOK, after=0.05) == []
    assert bench.say(0, after=5.0) == [bench.hook(False)]


@pytest.mark.parametrize(("after", "events"), [(1.8, 0), (2.0, 0), (2.4, 0), (1.2, 1), (3.0, 1)])
def test_an_unanswered_press_taken_back_by_the_headset_is_no_hang_up(after: float, events: int) -> None:
    bench = Bench()
    bench.show(DARK)
    bench.say(HOOK, after=1.0)
    assert len(bench.say(0, after=after)) == events


def test_a_hook_that_falls_back_faster_than_a_hand_is_no_hang_up() -> None:
    bench = Bench()
    bench.show(RINGING)
    bench.say(HOOK, after=1.0)
    bench.show(TALKING, after=0.02)
    assert bench.say(0, after=0.03) == []


def test_end_and_mute_in_one_report_are_the_end() -> None:
    bench = Bench()
    bench.show(TALKING)
    bench.say(HOOK, after=0.1)
    events = bench.say(MUTE, after=10.0)
    assert events == [bench.hook(False)]


def test_an_edge_hook_asks_for_the_other_state() -> None:
    device = load(CMEDIA)
    engine = HeadsetEngine(ME, device.descriptor, device.model)
    feed(engine, "00 00 00 00", 1.0)
    assert feed(engine, "10 00 00 00", 2.0) == [HookChanged(2.0, ME, ME, True)]
    assert feed(engine, "00 00 00 00", 2.1) == []
    assert engine.request(SetLamps(TALKING), 2.2).writes == ()
    assert feed(engine, "10 00 00 00", 9.0) == [HookChanged(9.0, ME, ME, False)]


# mute ------------------------------------------------------------------------------------------


def in_call(descriptor: bytes = HEADSET, model: ModelRecord | None = None) -> Bench:
    bench = Bench(descriptor, model)
    bench.show(TALKING)
    bench.say(HOOK, after=0.1)
    bench.at += 10.0
    return bench


def test_a_mute_edge_asks_for_the_opposite_of_the_lamp() -> None:
    bench = in_call()
    assert bench.say(HOOK | MUTE) == [MuteRequested(bench.at, ME, ME, True)]
    assert bench.written == ["02 03"]
    assert bench.say(HOOK, after=0.05) == []
    assert bench.show(MUTED, after=0.02) == []
    assert bench.say(HOOK | MUTE, after=3.0) == [MuteRequested(bench.at, ME, ME, False)]


def test_a_mute_edge_is_heard_in_the_very_first_report() -> None:
    bench = Bench(idle=False)
    assert bench.say(MUTE) == [MuteRequested(bench.at, ME, ME, True)]


def test_acknowledging_the_agents_mute_does_not_swallow_the_next_press() -> None:
    bench = in_call()
    bench.say(HOOK | MUTE)
    bench.say(HOOK, after=0.05)
    bench.show(MUTED, after=0.02)
    assert bench.say(HOOK | MUTE, after=0.3) == [MuteRequested(bench.at, ME, ME, False)]


@pytest.mark.parametrize(("after", "heard"), [(0.6, False), (0.8, True)])
def test_host_mute_echo_is_no_request(after: float, heard: bool) -> None:
    bench = in_call()
    bench.show(MUTED)
    assert bool(bench.say(HOOK | MUTE, after=after)) is heard


def test_one_echo_is_swallowed_not_two() -> None:
    bench = in_call()
    bench.show(MUTED)
    assert bench.say(HOOK | MUTE, after=0.1) == []
    bench.say(HOOK, after=0.05)
    assert bench.say(HOOK | MUTE, after=0.1) == [MuteRequested(bench.at, ME, ME, False)]


def test_an_unmute_that_is_answered_by_mute_is_a_lock() -> None:
    bench = in_call()
    bench.show(MUTED)
    bench.show(TALKING, after=5.0)
    assert bench.say(HOOK | MUTE, after=0.2) == [MuteReported(bench.at, ME, ME, muted=True, locked=True)]
    bench.say(HOOK, after=0.05)
    bench.show(MUTED, after=0.02)
    assert bench.say(HOOK | MUTE, after=0.5) == [MuteRequested(bench.at, ME, ME, False)]


def test_after_the_lock_window_it_is_a_press() -> None:
    bench = in_call()
    bench.show(MUTED)
    bench.show(TALKING, after=5.0)
    assert bench.say(HOOK | MUTE, after=0.75) == [MuteRequested(bench.at, ME, ME, True)]


def test_a_model_that_echoes_unmute_is_locked_only_by_the_second_answer() -> None:
    bench = in_call(model=replace(DEFAULT, echoes_unmute=True))
    bench.show(MUTED)
    bench.show(TALKING, after=5.0)
    assert bench.say(HOOK | MUTE, after=0.1) == []
    bench.say(HOOK, after=0.05)
    assert bench.say(HOOK | MUTE, after=0.1) == [MuteReported(bench.at, ME, ME, muted=True, locked=True)]


def test_a_mute_level_is_a_statement_from_the_first_report_on() -> None:
    bench = Bench(LEVEL_HEADSET, idle=False)
    assert bench.say(MUTE) == [MuteReported(bench.at, ME, ME, muted=True)]
    assert bench.say(MUTE, after=1.0) == []
    assert bench.say(0, after=1.0) == [MuteReported(bench.at, ME, ME, muted=False)]


def test_a_mute_level_that_rises_after_our_unmute_is_a_lock() -> None:
    bench = Bench(LEVEL_HEADSET)
    bench.show(MUTED)
    bench.say(MUTE, after=0.1)
    bench.show(TALKING, after=5.0)
    bench.say(0, after=0.1)
    assert bench.say(MUTE, after=0.2) == [MuteReported(bench.at, ME, ME, muted=True, locked=True)]


def test_duplicate_edges_are_one_press_where_the_model_repeats() -> None:
    bench = in_call(model=replace(DEFAULT, duplicate_s=0.05))
    assert len(bench.say(HOOK | MUTE)) == 1
    bench.say(HOOK, after=0.01)
    assert bench.say(HOOK | MUTE, after=0.02) == []
    bench.say(HOOK, after=0.01)
    assert len(bench.say(HOOK | MUTE, after=0.2)) == 1


# keys ------------------------------------------------------------------------------------------


def test_a_short_level_key_is_told_at_its_release() -> None:
    bench = Bench()
    assert bench.say(FLASH) == []
    assert bench.engine.next_deadline() == bench.at + 1.5
    assert bench.say(0, after=0.4) == [bench.button(Button.FLASH)]
    assert bench.engine.next_deadline() is None


def test_a_long_level_key_is_told_while_it_is_held() -> None:
    bench = Bench()
    bench.say(FLASH)
    due = bench.engine.next_deadline()
    assert due is not None
    assert bench.engine.advance(due - 0.01) == NOTHING
    bench.at = due
    assert bench.engine.advance(due) == Step((bench.button(Button.FLASH, long=True),))
    assert bench.say(0, after=1.0) == []


def test_a_release_heard_before_the_timer_still_counts_as_long() -> None:
    bench = Bench(model=replace(DEFAULT, long_press_s=0.8))
    bench.say(FLASH)
    assert bench.say(0, after=0.9) == [bench.button(Button.FLASH, long=True)]


def test_edge_keys_act_on_the_rise_only() -> None:
    engine = jabra()
    feed(engine, "02 00 00", 1.0)
    for bit, button in ((3, Button.FLASH), (4, Button.REDIAL), (5, Button.SPEED_DIAL)):
        report = bytes((2, 1 << bit, 0))
        assert engine.feed(report, 2.0).events == (ButtonPressed(2.0, ME, ME, button),)
        assert feed(engine, "02 00 00", 2.1) == []


def test_the_dial_pad_is_off_by_one_from_the_descriptor() -> None:
    engine = jabra()
    feed(engine, "02 00 00", 1.0)
    keyed = ""
    for value in range(1, 13):
        events = engine.feed(b"\x02" + (value << 7).to_bytes(2, "little"), 2.0).events
        keyed += "".join(event.digit for event in events if isinstance(event, DigitKeyed))
        assert feed(engine, "02 00 00", 2.1) == []
    assert keyed == "0123456789*#"


def test_one_digit_straight_after_another_is_two_digits() -> None:
    engine = jabra()
    feed(engine, "02 00 00", 1.0)
    assert feed(engine, "02 00 01", 2.0) == [DigitKeyed(2.0, ME, ME, "1")]
    assert feed(engine, "02 80 01", 2.1) == [DigitKeyed(2.1, ME, ME, "2")]


def test_jabra_rejects_by_its_mirror_and_presses_come_once() -> None:
    engine = jabra()
    engine.request(SetLamps(RINGING), 1.0)
    assert feed(engine, "04 20 00", 5.0) == [ButtonPressed(5.0, ME, ME, Button.REJECT)]
    feed(engine, "02 00 00", 6.0)
    assert feed(engine, "02 01 00", 7.0) == [HookChanged(7.0, ME, ME, True)]
    assert feed(engine, "04 01 00", 7.0) == []


@pytest.mark.parametrize(("name", "report"), [(SC660, "08 10"), (D1, "02 10")])
def test_epos_rejects_by_drop(name: str, report: str) -> None:
    device = load(name)
    engine = HeadsetEngine(ME, device.descriptor, device.model)
    assert feed(engine, report, 5.0) == [ButtonPressed(5.0, ME, ME, Button.REJECT)]


def test_two_reports_without_hook_reject_where_the_model_says_so() -> None:
    model = replace(DEFAULT, reject_reports=2)
    bench = Bench(model=model)
    bench.show(RINGING)
    assert bench.say(0, after=3.0) == []
    assert bench.say(0, after=0.1) == [bench.button(Button.REJECT)]
    bench.say(0, after=0.1)
    bench.show(DARK)
    bench.show(RINGING, after=9.0)
    assert bench.say(0, after=2.0) == []
    assert bench.say(HOOK, after=0.1) == [bench.hook(True)]
    plain = Bench()
    plain.show(RINGING)
    assert [plain.say(0, after=3.0), plain.say(0, after=0.1)] == [[], []]


def test_a_reject_key_rejects_only_while_it_rings() -> None:
    bench = Bench(model=replace(DEFAULT, reject_button=Button.FLASH))
    bench.say(FLASH)
    assert bench.say(0, after=0.2) == [bench.button(Button.FLASH)]
    bench.show(RINGING)
    assert bench.say(FLASH, after=5.0) == [bench.button(Button.REJECT)]
    assert bench.say(0, after=0.2) == []


# commands and bad input ------------------------------------------------------------------------


def test_hold_keeps_off_hook_unless_the_model_wants_it_cleared() -> None:
    held = Lamps(off_hook=True, hold=True)
    assert in_call().show(held) == ["02 09"]
    bench = in_call(model=replace(DEFAULT, hold=HoldStyle.OFF_HOOK_CLEAR))
    assert bench.show(held) == ["02 08"]
    assert bench.say(0, after=0.1) == []
    assert bench.show(TALKING, after=5.0) == ["02 01"]
    assert bench.say(HOOK, after=0.1) == []


def test_lamps_remember_what_they_were_told() -> None:
    bench = Bench()
    bench.show(MUTED)
    assert bench.engine.lamps == MUTED
    assert bench.show(MUTED) == []


def test_a_display_it_does_not_have_is_a_failed_effect() -> None:
    step = HeadsetEngine(ME, HEADSET).request(SetDisplay(("hello",)), 4.0)
    assert step.writes == ()
    assert step.events == (EffectFailed(4.0, ME, "SendToDevice", ME, "not_supported", detail="no display"),)


def test_lamps_asserted_again_are_written_though_nothing_changed() -> None:
    bench = Bench()
    first = bench.show(TALKING)
    assert bench.show(TALKING) == []
    again = bench.engine.request(SetLamps(TALKING, again=True), bench.at)
    assert [w.data.hex(" ") for w in again.writes] == first


def test_a_headset_that_hung_up_by_itself_is_brought_back_off_hook() -> None:
    bench = Bench()
    bench.show(TALKING)
    bench.say(HOOK, after=0.1)
    assert bench.say(0, after=60.0) == [bench.hook(False)]
    again = bench.engine.request(SetLamps(TALKING, again=True), bench.at)
    assert [w.data.hex(" ") for w in again.writes] == ["02 00", "02 01"]
    assert bench.say(HOOK, after=0.1) == []
    assert bench.say(0, after=2.0) == [bench.hook(False)]
    assert bench.show(DARK) == ["02 00"]
