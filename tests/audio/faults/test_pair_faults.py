from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pytest

from audio.analysis.envelopes import PairHistory
from audio.analysis.faults.coupling import Coupling
from audio.analysis.faults.echo import Echo
from audio.analysis.faults.one_way import OneWay, TurnCounter
from audio.analysis.faults.thresholds import (
    CONFIDENCE_WARN,
    COUPLING_WARN_DB,
    NOBODY_S,
    ONE_WAY_SILENT_S,
    PAIR_FOUND_WITHIN,
)
from audio.analysis.faults.wrong_device import WrongDevice
from audio.analysis.frame import Finding, Frame, PairAnalyser
from audio.analysis.framing import FRAME_S
from audio.analysis.pair import PairFaults
from audio.analysis.repeats import Repeat, RepeatMeter
from audio.analysis.vad import Verdict
from state.words import AudioFault, Channel
from tests.audio.faults.inject import Strength
from tests.audio.faults.inject_pair import FAR_HZ, NEAR_HZ, PAIR_CASES, PairCase, coupled, echoed
from tests.audio.faults.pair_matrix import outcome
from tests.audio.faults.trial_pair import alarms, clean_calls, dialogues, ours, pair_changes
from tests.support import need_shared_data

F = AudioFault
NEAR, FAR = Channel.NEAR, Channel.FAR
IDS = [f"{case.name}" for case in PAIR_CASES]


@pytest.mark.parametrize("case", PAIR_CASES, ids=IDS)
@pytest.mark.parametrize("strength", [Strength.MEDIUM, Strength.STRONG])
def test_a_fault_is_found_in_time(case: PairCase, strength: Strength) -> None:
    found = outcome(case, ours(), strength)
    assert found.found_s is not None
    assert found.found_s <= PAIR_FOUND_WITHIN[case.fault].seconds
    # a recorded monitor also is what couples the ear into the microphone
    assert set(found.others) <= ({F.COUPLING} if case.name.startswith("monitor") else set())


def test_a_dialogue_of_two_voices_has_no_fault() -> None:
    assert alarms(ours()) == []


@pytest.mark.parametrize("number", range(0, 70, 7))
def test_calls_of_the_larger_data_have_no_fault(number: int) -> None:
    need_shared_data("vad")
    name, call = list(clean_calls())[number]
    assert alarms(call) == [], name


@pytest.mark.parametrize("number", [0, 5, 9])
def test_faults_are_found_in_the_larger_data_too(number: int) -> None:
    need_shared_data("vad")
    name, call = dialogues()[number]
    for case in (PAIR_CASES[0], PAIR_CASES[1]):
        found = outcome(case, call, Strength.MEDIUM)
        assert found.found_s is not None, (name, case.name)
        assert found.others == ()


def test_the_evidence_says_delay_and_loss() -> None:
    (told,) = alarms(echoed(ours(20.0), 12.0, lag_s=0.24, reverb_s=0.0))
    assert (told.channel, told.fault) == (FAR, F.ECHO)
    said = re.fullmatch(
        r"the customer's side returns the agent's voice (\d+) ms later, (\d+) dB down", told.evidence
    )
    assert said is not None
    assert (int(said[1]), int(said[2])) == (240, pytest.approx(12, abs=3))
    (told,) = alarms(coupled(ours(20.0), 14.0, lag_s=0.1, reverb_s=0.0))
    assert (told.channel, told.fault) == (NEAR, F.COUPLING)
    said = re.fullmatch(
        r"the microphone repeats what the ear plays (\d+) ms later, (\d+) dB down", told.evidence
    )
    assert said is not None
    assert (int(said[1]), int(said[2])) == (100, pytest.approx(14, abs=3))


@pytest.mark.parametrize(("loss_db", "least", "most"), [(22.0, 0.4, 0.6), (15.0, 0.7, 0.9), (6.0, 0.9, 0.95)])
def test_the_louder_the_surer(loss_db: float, least: float, most: float) -> None:
    (told,) = alarms(echoed(ours(20.0), loss_db, reverb_s=0.0))
    assert least <= told.confidence <= most


def test_an_echo_that_stops_is_over() -> None:
    call = ours(60.0)
    half = echoed(call, 10.0).far.copy()
    half[30 * FAR_HZ :] = call.far[30 * FAR_HZ :]
    changed = type(call)(call.near, half, call.near_turns, call.far_turns)
    changes = [(at, change.ended_at) for at, channel, change in pair_changes(changed) if channel is FAR]
    assert changes[0][1] is None
    ended = [at for at, ended_at in changes if ended_at is not None]
    assert len(ended) == 1
    assert 30.0 < ended[0] < 50.0


# by hand -------------------------------------------------------------------------------------------------


def at_level(
    begin: float, level: float, *, speaking: bool = False, floor: float = -62.0, tone: float | None = None
) -> Frame:
    verdict = Verdict(level, floor, loud=speaking, passes=speaking, voiced=speaking, tone_hz=tone)
    return Frame(begin, np.zeros(160, np.int16), verdict, speaking)


Plan = Iterable[tuple[float, bool, bool]]
"""Seconds, whether near speaks, whether far does."""


def followed(
    analyser: PairAnalyser, plan: Plan, near_dbfs: float = -60.0, far_dbfs: float = -60.0, **how: float
) -> list[tuple[float, Finding]]:
    """What an analyser finds anew, and when."""
    found: list[tuple[float, Finding]] = []
    number, before = 0, None
    for seconds, near_speaks, far_speaks in plan:
        for _ in range(round(seconds / FRAME_S)):
            begin = number * FRAME_S
            near = at_level(begin, -26.0 if near_speaks else near_dbfs, speaking=near_speaks, **how)
            far = at_level(begin, -26.0 if far_speaks else far_dbfs, speaking=far_speaks, **how)
            analyser.push(near, far)
            if analyser.finding is not None and before is None:
                found.append((begin + FRAME_S, analyser.finding))
            before, number = analyser.finding, number + 1
    return found


def turns(
    count: int, near: bool, talk_s: float = 3.0, pause_s: float = 2.0
) -> list[tuple[float, bool, bool]]:
    return [part for _ in range(count) for part in ((talk_s, near, not near), (pause_s, False, False))]


@pytest.mark.parametrize(
    ("count", "talk_s", "pause_s", "told"),
    [
        (3, 3.0, 2.0, 15.0),
        (2, 8.0, 2.0, None),
        (3, 2.0, 4.0, None),
        (5, 2.0, 2.5, 16.0),
        (20, 2.0, 0.5, None),
    ],
)
def test_one_way_needs_turns_talk_and_time(
    count: int, talk_s: float, pause_s: float, told: float | None
) -> None:
    found = followed(OneWay(FAR), turns(count, True, talk_s, pause_s), far_dbfs=-100.0)
    assert [at for at, _ in found] == ([] if told is None else [pytest.approx(told, abs=1.01)])
    assert told is None or told >= ONE_WAY_SILENT_S


@pytest.mark.parametrize(
    ("before", "carries", "sure", "says"),
    [
        ([(1.0, False, False)], -100.0, True, "digital zero"),
        ([(2.0, False, True)], -100.0, True, "digital zero"),
        ([(2.0, False, True)], -80.0, True, "fell from -62 to -80"),
        ([(2.0, False, True)], -62.0, False, "noise at -62 dBFS as before"),
        ([(1.0, False, False)], -60.0, False, "somebody who says nothing"),
        ([(1.0, False, False)], -78.0, False, "somebody who says nothing"),
    ],
)
def test_one_way_says_what_is_carried_and_is_unsure_of_mere_silence(
    before: list[tuple[float, bool, bool]], carries: float, sure: bool, says: str
) -> None:
    ((_, finding),) = followed(OneWay(FAR), [*before, *turns(4, True)], far_dbfs=carries)
    assert says in finding.evidence
    assert "customer" in finding.evidence
    assert (finding.confidence >= CONFIDENCE_WARN) is sure


def test_one_way_is_found_on_near_as_well_and_ends_with_a_voice() -> None:
    analyser = OneWay(NEAR)
    found = followed(analyser, [*turns(4, False), (1.0, False, False)], near_dbfs=-100.0)
    assert len(found) == 1
    assert found[0][1].evidence.startswith(
        "nothing is heard of the agent for 15 s while the customer spoke 3 times"
    )
    assert found[0][1].since == 0.0
    followed(analyser, [(0.1, True, False)])
    assert analyser.finding is None


def test_a_line_that_rings_is_not_one_way() -> None:
    assert followed(OneWay(FAR), turns(5, True), far_dbfs=-30.0, tone=450.0) == []


def test_what_pauses_within_a_sentence_is_one_turn() -> None:
    counter = TurnCounter()
    for speaking, seconds in ((True, 1.0), (False, 0.9), (True, 1.0), (False, 1.1), (True, 0.5)):
        for _ in range(round(seconds / FRAME_S)):
            counter.push(speaking)
    assert counter.turns == 2
    assert counter.talk_s == pytest.approx(2.5)


class FixedMeter(RepeatMeter):
    """A meter that shows one thing."""

    def __init__(self, repeat: Repeat | None) -> None:
        history = PairHistory(NEAR_HZ, FAR_HZ)
        super().__init__(history.far, history.near, 0.0, 0.5)
        self.repeat = repeat
        self.fresh = True


def repeat(
    correlation: float = 0.8, lag_s: float = 0.1, steady: float = 1.0, loss_db: float = 12.0
) -> Repeat:
    return Repeat(correlation, lag_s, steady, loss_db, since=3.0)


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (repeat(), True),
        (repeat(correlation=0.49), False),
        (repeat(steady=0.5), False),
        (repeat(loss_db=COUPLING_WARN_DB + 0.1), False),
        (repeat(loss_db=-9.0), False),
        (repeat(loss_db=float("inf")), False),
        (None, False),
    ],
)
def test_what_a_coupling_must_show(shown: Repeat | None, found: bool) -> None:
    analyser = Coupling(FixedMeter(shown))
    analyser.push(at_level(0.0, -60.0), at_level(0.0, -60.0))
    assert (analyser.finding is not None) is found
    if analyser.finding is not None:
        assert analyser.finding.since == 3.0
        analyser.reset()
        assert analyser.finding is None


def test_a_finding_is_held_with_hysteresis() -> None:
    meter = FixedMeter(repeat())
    analyser = Coupling(meter)
    seen = []
    for shown in (
        repeat(),
        repeat(correlation=0.45, loss_db=26.0),
        repeat(correlation=0.39),
        repeat(correlation=0.45),
    ):
        meter.repeat = shown
        analyser.push(at_level(0.0, -60.0), at_level(0.0, -60.0))
        seen.append(analyser.finding is not None)
    assert seen == [True, True, False, False]


@pytest.mark.parametrize(
    ("loss_db", "heard", "found"), [(10.0, 0.7, True), (10.0, 0.85, False), (-1.0, 0.7, False)]
)
def test_an_echo_is_no_echo_where_near_rather_carries_far(loss_db: float, heard: float, found: bool) -> None:
    analyser = Echo(FixedMeter(repeat(loss_db=loss_db)), FixedMeter(repeat(correlation=heard, lag_s=0.0)))
    analyser.push(at_level(0.0, -60.0), at_level(0.0, -60.0))
    assert (analyser.finding is not None) is found


MONITOR = repeat(correlation=0.95, lag_s=0.01, loss_db=1.0)


@pytest.mark.parametrize(
    ("shown", "own_s", "found"),
    [
        (MONITOR, 0.0, True),
        (MONITOR, 4.0, False),
        (repeat(correlation=0.95, lag_s=0.1, loss_db=1.0), 0.0, False),
        (repeat(correlation=0.7, lag_s=0.01, loss_db=1.0), 0.0, False),
        (repeat(correlation=0.95, lag_s=0.01, loss_db=14.0), 0.0, False),
    ],
)
def test_a_monitor_is_a_copy_without_a_voice_of_its_own(shown: Repeat, own_s: float, found: bool) -> None:
    analyser = WrongDevice(FixedMeter(shown))
    plan = [(own_s, True, False), *[(1.5, False, False), (3.0, True, True)] * 3, (1.0, False, False)]
    findings = followed(analyser, plan)
    assert bool(findings) is found
    if found:
        assert "monitor" in findings[0][1].evidence
        assert findings[0][1].fault is F.WRONG_DEVICE


@pytest.mark.parametrize(
    ("count", "near_dbfs", "spoke", "found"),
    [(7, -58.0, 0.0, True), (7, -100.0, 0.0, False), (7, -58.0, 0.5, False), (3, -58.0, 0.0, False)],
)
def test_a_microphone_nobody_speaks_into(count: int, near_dbfs: float, spoke: float, found: bool) -> None:
    plan = [(spoke, True, False), *turns(count, False), (NOBODY_S, False, False)]
    findings = followed(WrongDevice(FixedMeter(None)), plan, near_dbfs=near_dbfs)
    assert bool(findings) is found
    if found:
        assert findings[0][0] >= NOBODY_S
        assert "nobody has spoken into the microphone" in findings[0][1].evidence


@pytest.mark.parametrize(
    ("floor", "level", "found"), [(-62.0, -46.0, True), (-75.0, -46.0, False), (-50.0, -36.0, False)]
)
def test_a_voice_across_the_room_is_low_and_the_room_is_not(floor: float, level: float, found: bool) -> None:
    analyser = WrongDevice(FixedMeter(None))
    for number in range(200):
        near = at_level(number * FRAME_S, level, speaking=True, floor=floor)
        analyser.push(near, at_level(number * FRAME_S, -60.0))
    assert (analyser.finding is not None) is found
    if analyser.finding is not None:
        assert "far from this microphone" in analyser.finding.evidence
        analyser.reset()
        assert analyser.finding is None


def test_changes_are_told_once_and_again_when_surer_and_at_the_end() -> None:
    faults = PairFaults(PairHistory(NEAR_HZ, FAR_HZ))
    told: list[tuple[Channel, float, bool]] = []
    number = 0
    for seconds, near_speaks, zero in ((2.0, False, False), (3.0, True, True), (2.0, False, True)) + (
        (3.0, True, True),
        (2.0, False, True),
    ) * 3:
        for _ in range(round(seconds / FRAME_S)):
            begin, number = number * FRAME_S, number + 1
            near = at_level(begin, -26.0 if near_speaks else -60.0, speaking=near_speaks)
            for channel, change in faults.push(near, at_level(begin, -100.0 if zero else -60.0)):
                told.append((channel, change.finding.confidence, change.ended_at is None))
    assert told == [(FAR, 0.2, True), (FAR, 0.9, True)]
    begin = number * FRAME_S
    ((channel, change),) = faults.push(at_level(begin, -60.0), at_level(begin, -26.0, speaking=True))
    assert (channel, change.finding.fault, change.ended_at) == (
        FAR,
        F.ONE_WAY,
        pytest.approx(begin + FRAME_S),
    )
    faults.reset()
    assert faults.push(at_level(begin, -60.0), at_level(begin, -60.0)) == []
