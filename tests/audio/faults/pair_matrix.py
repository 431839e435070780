"""The two-channel rows of the fault matrix: what is found and how fast, what else, false alarms, cost.

May not judge: the tests do. `pair_matrix()` prints what `script/bench faults` shows.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from audio.analysis.envelopes import PairHistory
from audio.analysis.faults.thresholds import PAIR_FOUND_WITHIN, Counted
from audio.analysis.pair import PairFaults
from state.words import AudioFault, Channel
from tests.audio.faults.inject import Strength
from tests.audio.faults.inject_pair import FAR_HZ, NEAR_HZ, PAIR_CASES, PairCase, TwoChannels
from tests.audio.faults.trial_pair import CALL_S, Told, alarms, clean_calls, dialogues, frames, ours

ROUNDS = 3
"""The best of so many counts: another process only ever slows a round down."""


@dataclass(frozen=True, slots=True)
class PairOutcome:
    """Of one injected fault: after how much of what counts it was found, and what else was told."""

    found_s: float | None
    others: tuple[AudioFault, ...]


def outcome(case: PairCase, call: TwoChannels, strength: Strength) -> PairOutcome:
    """Inject and listen."""
    told = alarms(case.into(call, strength))
    mine = [one for one in told if one.fault is case.fault and one.channel is case.channel]
    others = tuple({one.fault for one in told} - {case.fault})
    return PairOutcome(counted_s(case, call, mine[0].at) if mine else None, others)


def counted_s(case: PairCase, call: TwoChannels, at: float) -> float:
    """Seconds that count from the fault's begin: the repeated side's talk, or all since the side vanished."""
    if PAIR_FOUND_WITHIN[case.fault].of is Counted.SPEECH:
        turns = call.far_turns if case.fault is AudioFault.COUPLING else call.near_turns
        return sum(min(end, at) - begin for begin, end in turns if begin < at)
    if case.fault is AudioFault.ONE_WAY:
        return at - (call.far_turns if case.channel is Channel.FAR else call.near_turns)[1][1]
    return at


def row(case: PairCase, strength: Strength, calls: list[tuple[str, TwoChannels]]) -> str:
    """One line of the matrix."""
    outcomes = [outcome(case, call, strength) for _, call in calls]
    within = PAIR_FOUND_WITHIN[case.fault]
    times = [one.found_s for one in outcomes if one.found_s is not None]
    in_time = sum(found <= within.seconds + 1e-6 for found in times)
    others = Counter(fault for one in outcomes for fault in one.others)
    told = ", ".join(f"{fault.value} {count}" for fault, count in others.most_common()) or "-"
    median = f"{np.median(times):.1f} s" if times else "-"
    return (
        f"| {case.name}: {case.quantity} {case.value(strength):g} | {strength} "
        f"| {in_time} of {len(outcomes)} | {median} | {within.seconds:g} s of {within.of} | {told} |"
    )


def false_alarms() -> tuple[float, list[tuple[str, Told]]]:
    """Minutes of calls with nothing wrong, and what was told of them."""
    calls = [("ours", ours()), *dialogues(), *clean_calls()]
    minutes = sum(len(call.far) for _, call in calls) / FAR_HZ / 60.0
    return minutes, [(name, told) for name, call in calls for told in alarms(call)]


def pair_cost_us() -> float:
    """CPU of everything two-channel but the echo guard, for one pair of frames."""
    near, far = ours().samples()
    both = list(zip(frames(near, NEAR_HZ, Channel.NEAR), frames(far, FAR_HZ, Channel.FAR), strict=False))
    best = float("inf")
    for _ in range(ROUNDS):
        history = PairHistory(NEAR_HZ, FAR_HZ)
        faults = PairFaults(history)
        begin = time.process_time()
        for one, other in both:
            history.push(one, other)
            faults.push(one, other)
        best = min(best, time.process_time() - begin)
    return 1e6 * best / len(both)


def pair_matrix() -> None:
    """Print everything."""
    calls = [("ours", ours()), *dialogues()]
    print(f"{len(calls)} dialogues of {CALL_S:g} s\n")
    print("| case | strength | found in time | median | stated | other two-channel faults told |")
    print("|---|---|---|---|---|---|")
    for case in PAIR_CASES:
        for strength in Strength:
            print(row(case, strength, calls), flush=True)
    minutes, wrong = false_alarms()
    print(f"\nfalse alarms in {minutes:.0f} min of clean calls: {len(wrong)}")
    for name, told in wrong:
        print(f"- {name}: {told.fault} at {told.at:.1f} s ({told.confidence:.2f}): {told.evidence}")
    print(f"\ntwo-channel faults: {pair_cost_us():.1f} us per pair of frames")


if __name__ == "__main__":
    pair_matrix()
