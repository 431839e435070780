"""Runs scenarios in virtual time through the real app, engines, listener and records, and judges them.

May not serve a socket; two runs of a scenario give the same timeline.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from callseat.app import App
from callseat.assembly import Assembly, assemble
from callseat.config import Config
from callseat.loops import VirtualTimeLoop
from callseat.records import query_calls
from callseat.scenario.director import Director
from callseat.scenario.judge import Played, findings, plain
from callseat.scenario.load import load_scenario
from callseat.scenario.model import Scenario
from callseat.scenario.stage import RecordedSpeech, StageClock, StageWorker
from callseat.scenario.timeline import Entry, Timeline
from callseat.simulated import SimulatedSeat
from state.commands import Lamps
from state.errors import ConfigError

SESSION = "scenario"
"""The same in every run, so that records are too."""
PASSED, FAILED, UNUSABLE = 0, 1, 2
"""Exit statuses: all as expected; something was not; a file could not be used."""

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario; everything in it is plain enough for JSON."""

    scenario: str
    title: str
    findings: tuple[str, ...]
    timeline: tuple[Json, ...]
    records: tuple[Json, ...]
    counters: Mapping[str, int]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.findings


def run_scenario(path: Path, *, wav_dir: Path | None = None) -> Outcome:
    """Play one file and judge it; a file that cannot be used is a ConfigError.

    `wav_dir`: what microphone, line and both ears heard is kept there, one set for each call.
    """
    scenario = load_scenario(path)
    with tempfile.TemporaryDirectory(prefix="callseat-scenario-") as folder:
        config = placed(scenario.config, Path(folder))
        seat = assemble(config, wall_s=scenario.clock.wall_s, session=SESSION, journal=False, wav_dir=wav_dir)
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(_play(scenario, seat))


def simulate(paths: Iterable[Path | str], *, as_json: bool = False, out: TextIO | None = None) -> int:
    """`callseat simulate`: one line (or one JSON object) for each file; returns the exit status."""
    out = sys.stdout if out is None else out
    status = PASSED
    for path in paths:
        try:
            outcome = run_scenario(Path(path))
        except ConfigError as error:
            status = UNUSABLE
            told: Json = {"scenario": str(path), "passed": False, "error": str(error)}
            print(json.dumps(told, ensure_ascii=False) if as_json else f"error   {error}", file=out)
            continue
        if not outcome.passed:
            status = max(status, FAILED)
        for line in [json.dumps(_document(outcome), ensure_ascii=False)] if as_json else _lines(outcome):
            print(line, file=out)
    return status


def placed(config: Config, folder: Path) -> Config:
    """The configuration with everything it writes in one folder."""
    return replace(
        config,
        records_path=folder / "records.sqlite",
        socket_path=folder / "callseat.sock",
        journal=replace(config.journal, path=folder / "journal.jsonl"),
    )


def told(entries: Sequence[Entry]) -> tuple[Json, ...]:
    """A timeline for JSON: `t` is when it was, `decided` when the seat knew, in seconds from its start."""
    start = entries[0].at if entries else 0.0
    return tuple(
        {
            "t": round(entry.at - start, 4),
            "decided": round(entry.seen_at - start, 4),
            "mark": entry.mark,
            "data": plain(entry.data),
        }
        for entry in entries
    )


def recorded(path: Path, calls: int = 500) -> tuple[Json, ...]:
    """The calls on record, oldest first, as JSON knows them."""
    rows = (plain(stored.row) for stored in reversed(query_calls(path, limit=calls)))
    return tuple(row for row in rows if isinstance(row, dict))


def headset_lamps(seat: SimulatedSeat) -> Lamps | None:
    """What the lamps of the first headset show to the eye."""
    return next((port.model.lamps for port in seat.headsets.values() if port.plugged), None)


def counters(app: App) -> dict[str, int]:
    """How much was decided, and what was slow in real time or late in the loop's."""
    return {
        "decisions": app.consumer.decisions,
        "restamped": app.consumer.restamped,
        "overdue": len(app.overdue.names),
    }


async def _play(scenario: Scenario, seat: Assembly) -> Outcome:
    timeline, worker = Timeline(), StageWorker()
    stage_clock = StageClock(scenario.clock)
    folder = seat.config.prompts.recordings_dir
    app = seat.app(
        observers=[timeline],
        serve_socket=False,
        civil=stage_clock,
        worker=worker,
        speech=None if folder is None else RecordedSpeech(folder),
        phrases=(),
    )
    director = Director(scenario, app, timeline, stage_clock, worker)
    for device in scenario.start.unplugged:
        seat.simulated.plugs[device].unplug()
    unplayed: list[str] = []
    ended: list[tuple[int, Lamps | None, int]] = []

    async def script(_app: App) -> None:
        unplayed.extend(await director.play())
        await asyncio.sleep(scenario.end.settle_s)
        promises = app.core.snapshot().promises
        ended.append((len(timeline.entries), headset_lamps(seat.simulated), promises))

    await app.run(script)
    last, lamps, promises = ended[0]
    entries = timeline.entries[director.first : last]
    records = recorded(seat.config.records_path)
    played = Played(entries, records, promises, lamps, director.refusals)
    judged = findings(scenario.expected, scenario.records, scenario.end, played)
    return Outcome(
        str(scenario.path), scenario.title, (*unplayed, *judged), told(entries), records, counters(app)
    )


def _document(outcome: Outcome) -> Json:
    return {
        "scenario": outcome.scenario,
        "title": outcome.title,
        "passed": outcome.passed,
        "findings": list(outcome.findings),
        "timeline": list(outcome.timeline),
        "records": list(outcome.records),
        "counters": dict(outcome.counters),
    }


def _lines(outcome: Outcome) -> list[str]:
    word = "passed" if outcome.passed else "FAILED"
    return [f"{word}  {outcome.scenario}: {outcome.title}", *(f"        {each}" for each in outcome.findings)]
