"""A 7-hour day of one seat through the core, as a ratio to a bare machine that walks the same transitions.

Printed: events, calls, CPU time, time per event, and the median ratio of paired runs. `--profile` shows
where the time goes, `--watermarks N` sets how many a second each channel sends (the loop may coalesce them).
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from transitions import Machine

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from callseat.core import Core  # noqa: E402  the checkout must be found first
from state.chart import Move, Row, Table  # noqa: E402  the same
from state.events import Event  # noqa: E402  the same
from state.machine import Region  # noqa: E402  the same
from state.settings import SeatSettings  # noqa: E402  the same
from state.tables import TABLES  # noqa: E402  the same
from tests.callseat.core.day import CALLS, HOURS, a_day  # noqa: E402  the same

RUNS = 7
FULL_RATE = 50.0
"""Watermarks a second and channel as the analysers send them, before the mailbox keeps only the newest."""
Trigger = Callable[[object], bool]


@dataclass(slots=True)
class Model:
    """What a bare machine moves."""

    state: StrEnum


@dataclass(frozen=True, slots=True)
class Fired:
    """One decision of one region."""

    region: int
    table: Table
    row: Row


def run_core(events: list[Event]) -> Core:
    """The day, with everything the consumer does: deadlines, the event, the snapshot."""
    core = Core(SeatSettings())
    for event in events:
        due = core.next_deadline()
        while due is not None and due <= event.at:
            core.advance(due)
            due = core.next_deadline()
        core.advance(event.at)
        core.handle(event)
        core.snapshot()
    return core


def fired_by(events: list[Event]) -> list[Fired]:
    """Every decision the regions take during the day, moves, stays and refusals, in order."""
    log: list[Fired] = []
    regions: list[object] = []  # kept alive, so that no two of them share an id
    fire = Region.fire

    def watched(region: Region[StrEnum], event: StrEnum, payload: object = None) -> Row:
        row = fire(region, event, payload)
        regions.append(region)
        log.append(Fired(id(region), region.table, row))
        return row

    Region.fire = watched
    try:
        run_core(events)
    finally:
        Region.fire = fire
    return log


def bare(table: Table) -> dict[Row, Trigger]:
    """A machine of the same table without a callback; each row has its own trigger, so no guard is asked."""
    machine = Machine(
        model=None,
        states=table.states,
        initial=table.initial,
        auto_transitions=False,
        send_event=True,
        queued=False,
    )
    triggers: dict[Row, Trigger] = {}
    for number, row in enumerate(table.rows):
        name = f"{row.on.value}_{number}"
        machine.add_transition(name, row.state, row.to if isinstance(row, Move) else None)
        triggers[row] = machine.events[name].trigger
    return triggers


def walk_of(log: list[Fired]) -> Callable[[], None]:
    """The same decisions on bare machines; each call walks them once, with fresh models."""
    triggers = {table.name: bare(table) for table in TABLES}
    steps = [(triggers[fired.table.name][fired.row], fired.region) for fired in log]
    initial = {fired.region: fired.table.initial for fired in log}

    def walk() -> None:
        models = {region: Model(state) for region, state in initial.items()}
        for trigger, region in steps:
            trigger(models[region])

    return walk


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--watermarks", type=float, default=2.0, help="per second and channel (default 2)")
    arguments.add_argument("--profile", action="store_true", help="show where the time goes instead")
    chosen = arguments.parse_args()
    events = a_day(chosen.watermarks)
    if chosen.profile:
        profile = cProfile.Profile()
        profile.runcall(run_core, events)
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        return
    log = fired_by(events)
    walk = walk_of(log)
    pairs = [(timed(lambda: run_core(events)), timed(walk)) for _ in range(RUNS)]
    begin = time.perf_counter()
    run_core(events)
    wall_s = time.perf_counter() - begin
    core_s = statistics.median(core for core, _ in pairs)
    walk_s = statistics.median(bare_s for _, bare_s in pairs)
    ratio = statistics.median(core / bare_s for core, bare_s in pairs)
    moves = sum(isinstance(fired.row, Move) for fired in log)
    print(f"{HOURS:g} h, {CALLS} calls, {len(events)} events, snapshot after each")
    print(f"core {core_s:.3f} s CPU ({wall_s:.3f} s wall), {core_s / len(events) * 1e6:.1f} us/event")
    print(f"bare transitions.Machine: the same {len(log)} decisions ({moves} moves), {walk_s:.3f} s CPU")
    print(f"ratio {ratio:.1f} (median of {RUNS} paired runs; goal <= 10)")
    full = a_day(FULL_RATE)
    full_s = timed(lambda: run_core(full))
    each_us = (full_s - core_s) / (len(full) - len(events)) * 1e6
    print(
        f"uncoalesced ({FULL_RATE:g} watermarks/s): {len(full)} events, {full_s:.3f} s, "
        f"each further watermark {each_us:.1f} us"
    )


if __name__ == "__main__":
    main()
