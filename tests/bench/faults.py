"""The fault matrix: what is found of each injected fault, how fast, what else; false alarms; the cost."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from audio.analysis.faults.panel import ChannelFaults  # noqa: E402  the checkout must be found first
from audio.analysis.faults.thresholds import FOUND_WITHIN  # noqa: E402  the same
from state.words import AudioFault  # noqa: E402  the same
from tests.audio.faults.inject import CASES, Case, Strength  # noqa: E402  the same
from tests.audio.faults.pair_matrix import pair_matrix  # noqa: E402  the same
from tests.audio.faults.trial import (  # noqa: E402  the same
    Bench,
    Clean,
    Outcome,
    Variant,
    found,
    heard,
    larger,
    ours,
    tiled,
    variants,
)

VARIANT_S = 20.0
"""Length of each variant: room for every fault that needs no more than 15 s of speech."""
CLEAN_S = 40.0
KINDS = (
    "there by construction",
    "named of the recording in FAULTY",
    "within the margin of a threshold",
    "false alarms",
)
ROUNDS = 5
"""The best of so many counts: another process only ever slows a round down."""


def main() -> None:
    """Print the tables of docs/sound-faults.md."""
    clean = ours() + larger()
    print(f"{len(clean)} recordings, {len(larger())} of them from the larger data, there at two rates")
    rates = larger()
    # of each of the larger recordings one rate, in turn: the matrix takes long
    chosen = ours() + [
        pair[number % 2] for number, pair in enumerate(zip(rates[::2], rates[1::2], strict=True))
    ]
    print(f"matrix on {len(chosen)} of them\n")
    matrix([Bench(one) for one in chosen])
    alarms(clean)
    cost()
    print("\ntwo channels\n")
    pair_matrix()


def matrix(benches: list[Bench]) -> None:
    """In how many it is found in time, with speech known and live; the median; what else was told."""
    print("| case | strength | in time | median | stated | in time, live | other faults told, live |")
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        for strength in Strength:
            print(row(case, strength, benches), flush=True)


def row(case: Case, strength: Strength, benches: list[Bench]) -> str:
    """One line of the matrix."""
    within = FOUND_WITHIN[case.fault]
    known = [one for bench in benches if (one := bench.outcome(case, strength))]
    live = [one for bench in benches if (one := bench.outcome(case, strength, live=True))]
    times = [one.found_s for one in known if one.found_s is not None]
    others = Counter(fault for one in live for fault in one.others)
    cells = (
        f"{case.name}: {case.value(strength):g} {case.quantity}",
        strength.value,
        in_time(known, within.seconds),
        f"{np.median(times):.1f} s" if times else "-",
        f"{within.seconds:g} s of {within.of}",
        in_time(live, within.seconds),
        ", ".join(f"{fault.value} {count}" for fault, count in others.most_common()) or "-",
    )
    return f"| {' | '.join(cells)} |"


def in_time(outcomes: list[Outcome], seconds: float) -> str:
    """How many were found within so many seconds that count."""
    found_s = [one.found_s for one in outcomes if one.found_s is not None]
    return f"{sum(each <= seconds + 1e-6 for each in found_s)} of {len(outcomes)}"


def alarms(clean: list[Clean]) -> None:
    """Faults told that are not there: on the clean recordings, and on their variants."""
    wrong: Counter[AudioFault] = Counter()
    for one in clean:
        sound = tiled(one.sound.samples, one.sound.rate, CLEAN_S)
        for fault, told in found(sound, one.sound.rate).items():
            if fault not in one.own:
                wrong[fault] += 1
                print(f"false alarm: {one.name}: {told.evidence}")
    own = sum(bool(one.own) for one in clean)
    print(f"\nclean recordings: {len(clean)}, {own} with faults of their own; false alarms {wrong.total()}")
    minutes = 0.0
    told: dict[str, Counter[AudioFault]] = {kind: Counter() for kind in KINDS}
    for one in clean:
        for variant in variants(one, VARIANT_S):
            minutes += len(variant.sound) / variant.rate / 60.0
            for fault, first in found(variant.sound, variant.rate).items():
                kind = kind_of(fault, variant)
                told[kind][fault] += 1
                if kind == "false alarms":
                    print(f"false alarm: {variant.name}: {first.evidence}", flush=True)
    print(f"variants: {minutes:.0f} minutes; faults told:")
    for kind, counts in told.items():
        print(f"{kind}: {', '.join(f'{fault.value} {n}' for fault, n in counts.most_common()) or 'none'}")


def kind_of(fault: AudioFault, variant: Variant) -> str:
    """What is known of a fault that was told of a variant."""
    if fault in variant.true:
        return "there by construction"
    if fault in variant.own:
        return "named of the recording in FAULTY"
    return "within the margin of a threshold" if fault in variant.near else "false alarms"


def cost() -> None:
    """CPU time of the panel per frame, by rate."""
    for one in (one for one in ours() if one.name.startswith("sentence_zh")):
        frames = heard(tiled(one.sound.samples, one.sound.rate, CLEAN_S), one.sound.rate, faults=False).frames
        best = float("inf")
        for _ in range(ROUNDS):
            panel = ChannelFaults(one.sound.rate)
            begin = time.process_time()
            for frame in frames:
                panel.push(frame)
            best = min(best, time.process_time() - begin)
        print(f"panel at {one.sound.rate} Hz: {1e6 * best / len(frames):.1f} us per frame ({one.name})")


if __name__ == "__main__":
    main()
