"""Whatever happens in whatever order: no error, never back in time, lamps and records as they must be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callseat.core import Core
from callseat.core.picture import draw, lamps_for
from state.commands import SendDigits, SetLamps
from state.effects import CallCommand, Effect, Publish, Record, Reply, SendToDevice
from state.events import Event
from state.focus import focus_of, lamps_of
from state.rows import CallRow
from state.settings import SeatSettings, SilentCallSettings
from state.words import AudioFault, SilenceCause, SilentCallMode
from tests.state.chance import SECRET, Chance
from tests.state.driver import BOOK

CHUNKS, SEQUENCES, LENGTH = 20, 100, 40
"""Two thousand sequences; a failing one is named by its seed."""

SETTINGS = (
    SeatSettings(),
    SeatSettings(silent_call=SilentCallSettings(mode=SilentCallMode.AUTO, auto_hangup=True)),
    SeatSettings(silent_call=SilentCallSettings(mode=SilentCallMode.OFF), after_call_work_s=0.0),
)


def core_of(seed: int) -> Core:
    """A core with one of the settings."""
    return Core(SETTINGS[seed % len(SETTINGS)], BOOK)


def run(core: Core, event: Event) -> list[Effect]:
    """What the consumer does with one event."""
    effects = []
    for _ in range(200):
        due = core.next_deadline()
        if due is None or due > event.at:
            break
        effects += core.advance(due)
    else:
        raise AssertionError(f"the deadline {due} does not go away")
    return [*effects, *core.advance(event.at), *core.handle(event)]


def check_picture(core: Core, seed: int) -> None:
    """The snapshot is what a fresh look at the regions gives; lamps follow from calls and mute alone."""
    seat = core._seat
    picture = core.snapshot()
    fresh = draw(seat, core._cues.current, core._terms)
    assert replace(fresh, at=picture.at) == picture, f"seed {seed}: something changed unseen"
    assert seat.focus == focus_of(seat.calls.values()), f"seed {seed}"
    assert picture.lamps == lamps_of(seat.focus, seat.muted()), f"seed {seed}"
    assert core.snapshot() is picture


def check_lamps(core: Core, told: dict[str, object], effects: list[Effect], seed: int) -> None:
    """Every attached device was told the lamps it should show."""
    for effect in effects:
        if isinstance(effect, SendToDevice) and isinstance(effect.command, SetLamps):
            told[effect.device] = effect.command.lamps
    for device in core._seat.devices:
        assert told[device] == lamps_for(core._seat, device), f"seed {seed}"


def check_private(effects: list[Effect], seed: int) -> None:
    """Keyed digits go to a line and nowhere else."""
    for effect in effects:
        if not (isinstance(effect, CallCommand) and isinstance(effect.command, SendDigits)):
            assert SECRET not in repr(effect), f"seed {seed}: {effect}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_any_sequence_of_events(chunk: int) -> None:
    for seed in range(chunk * SEQUENCES, (chunk + 1) * SEQUENCES):
        core, chance, at, told = core_of(seed), Chance(seed), 0.0, {}
        effects: list[Effect] = []
        for event in chance.events(LENGTH):
            done = run(core, event)
            check_picture(core, seed)
            check_lamps(core, told, done, seed)
            assert core.snapshot().at >= at, f"seed {seed}: back in time"
            at = core.snapshot().at
            effects += done
        for event in chance.endings():
            effects += run(core, event)
        check_private(effects, seed)
        check_records(core, effects, seed)
        check_replies(effects, seed)


def check_records(core: Core, effects: list[Effect], seed: int) -> None:
    """Every record that was opened is closed, and its figures are possible."""
    assert core.snapshot().calls == (), f"seed {seed}"
    rows = [
        effect.row for effect in effects if isinstance(effect, Record) and isinstance(effect.row, CallRow)
    ]
    last = {row.record: row for row in rows}
    for row in last.values():
        assert row.cleared is not None, f"seed {seed}: {row.record} is open"
        assert row.cause is not None
        numbers = (
            row.hold_s,
            row.muted_s,
            row.near_spoken_s,
            row.far_spoken_s,
            row.gap_s,
            *row.cause_s.values(),
        )
        assert all(number >= 0.0 for number in numbers), f"seed {seed}: {row}"
        assert row.silent_stage >= 0
        if row.established is not None:
            lasted_s = row.cleared.at - row.established.at + 1e-6
            assert row.hold_s + row.muted_s <= lasted_s + 0.01, f"seed {seed}: {row}"
            assert sum(row.cause_s.values()) <= lasted_s + 0.01, f"seed {seed}: {row}"


def check_replies(effects: list[Effect], seed: int) -> None:
    """No request is answered twice."""
    names = [effect.request for effect in effects if isinstance(effect, Reply)]
    assert len(names) == len(set(names)), f"seed {seed}"


@pytest.mark.parametrize("chunk", range(4))
def test_the_same_events_always_make_the_same_effects(chunk: int) -> None:
    for seed in range(10_000 + chunk * SEQUENCES, 10_000 + (chunk + 1) * SEQUENCES):
        one, two = core_of(seed), core_of(seed)
        for first, second in zip(Chance(seed).events(LENGTH), Chance(seed).events(LENGTH), strict=True):
            assert run(one, first) == run(two, second), f"seed {seed}"
        assert one.snapshot() == two.snapshot()


def test_the_sequences_reach_the_procedures() -> None:
    """Chance that never connects a call would prove nothing."""
    seen: set[str] = set()
    for seed in range(300):
        core = core_of(seed)
        for event in Chance(seed).events(LENGTH):
            told = [each for each in run(core, event) if isinstance(each, Publish)]
            seen |= {f"basis {each.data['basis']}" for each in told if each.topic == "cue.given"}
            seen |= {f"{view.state}" for view in core.snapshot().calls}
            seen |= {f"silent {view.silent}" for view in core.snapshot().calls}
            seen |= {f"closing {view.closing}" for view in core.snapshot().calls}
            seen |= {f"cause {view.silence_cause}" for view in core.snapshot().calls}
            seen |= {f"fault {each.fault}" for line in core.snapshot().lines for each in line.faults}
            seen.add(f"agent {core.snapshot().agent.state}")
    assert {"connected", "held", "ringing", "waiting", "dialing", "ringback"} <= seen
    assert {"silent opening", "silent opening_cued", "silent conversation"} <= seen
    assert {"closing closing", "closing talking"} <= seen
    assert {f"fault {fault}" for fault in AudioFault} <= seen
    assert {f"cause {cause}" for cause in SilenceCause} <= seen
    assert {"basis sensed", "basis proposed"} <= seen
    assert {"agent busy", "agent after_call_work", "agent logged_out"} <= seen
