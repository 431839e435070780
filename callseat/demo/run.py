"""Runs the demo: every call of a folder, one after the other, on one daemon with socket, records and journal.

May not judge a live run: somebody in a second terminal may have taken a call. `fast` is judged.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.live import Live

from callseat import clock
from callseat.app import App
from callseat.assembly import Assembly, assemble
from callseat.config import places
from callseat.demo.screen import draw, line_text, second_terminal
from callseat.demo.summary import EARS, show_summary
from callseat.demo.view import View
from callseat.loops import ScaledLoop, VirtualTimeLoop
from callseat.records import query_promises
from callseat.scenario.director import Director
from callseat.scenario.judge import Played, findings, plain
from callseat.scenario.load import load_scenario
from callseat.scenario.model import Scenario
from callseat.scenario.run import headset_lamps, placed, recorded, told
from callseat.scenario.stage import StageClock, StageWorker
from callseat.scenario.timeline import Timeline
from state.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent.parent
CALLS = ROOT / "tests" / "scenarios" / "demo"
"""In the checkout, beside the recordings they use."""
BETWEEN_S = 2.0
"""Between two calls: time to look at what the last one left."""
FRAMES_PER_S = 8
PLAIN_COLUMNS = 120
"""Where there is no terminal to ask: the records fit."""
STOPPED = 130
"""As a shell tells of a program that Ctrl-C ended."""

Json = dict[str, object]


@dataclass(slots=True)
class _Told:
    """What came of each call."""

    calls: list[Json] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def demo(
    *,
    speed: float = 1.0,
    fast: bool = False,
    as_json: bool = False,
    out: Path | None = None,
    language: str = "zh-CN",
    calls: Path = CALLS,
) -> int:
    """`callseat demo`: play the morning; returns the exit status (0; `fast`: 1 if a call went wrong)."""
    scenarios = load_calls(calls)
    began = clock.stopwatch()
    folder = places().prompt_cache.parent / "demo" if out is None else out
    _make_room(folder)
    with tempfile.TemporaryDirectory(prefix="callseat-demo-") as sockets:
        seat = _seat(scenarios, folder, Path(sockets) / "seat.sock", language)
        view = View(
            language,
            1.0 if fast else speed,
            f"{_command()} {{verb}} --socket {seat.config.socket_path}",
            Timeline(),
            tuple(scenario.title for scenario in scenarios),
        )
        result = _Told()
        console = Console(file=sys.stderr if as_json else sys.stdout)
        if not console.is_terminal:
            console.width = PLAIN_COLUMNS
        with (
            _shown(view, console, quiet=as_json or fast),
            asyncio.Runner(loop_factory=VirtualTimeLoop if fast else lambda: ScaledLoop(speed)) as runner,
        ):
            runner.run(_morning(scenarios, seat, view, result, fast=fast))
    wavs = sorted(folder.glob("*.wav"))
    records = recorded(seat.config.records_path)
    promises = [plain(row) for row in query_promises(seat.config.records_path)]
    wall_s = round(clock.stopwatch() - began, 3)
    if as_json:
        document = {
            "calls": result.calls,
            "timeline": told(view.timeline.entries),
            "records": records,
            "promises": promises,
            "wav": [str(path) for path in wavs],
            "out": str(folder),
            "wall_s": wall_s,
        }
        print(json.dumps(document, ensure_ascii=False))
    else:
        if fast:
            for line in view.lines:
                console.print(line_text(line, language), soft_wrap=True)
        console.print()
        show_summary(console, language, records, [p for p in promises if isinstance(p, dict)], wavs, folder)
        console.print(
            f"{len(result.calls)} of {len(scenarios)} calls, {wall_s:.1f} s", style="dim", highlight=False
        )
        for finding in result.findings if fast else ():
            console.print(finding, style="red", highlight=False)
    if len(result.calls) < len(scenarios):
        return STOPPED
    return 1 if fast and result.findings else 0


def load_calls(folder: Path) -> tuple[Scenario, ...]:
    """The demo's calls, in the order of their names; they share one seat."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ConfigError(
            f"{folder}: no demo calls here; they are in the source checkout, where `script/demo` plays them"
        )
    scenarios = tuple(load_scenario(path) for path in paths)
    first = scenarios[0].config
    for scenario in scenarios:
        config = scenario.config
        if (config.seat, config.lines, config.headsets) != (first.seat, first.lines, first.headsets):
            raise ConfigError(
                f"{scenario.path}: the demo's calls share one seat: not the one of {first.path}"
            )
    return scenarios


def _seat(scenarios: Sequence[Scenario], folder: Path, socket: Path, language: str) -> Assembly:
    config = placed(scenarios[0].config, folder)
    config = replace(config, seat=replace(config.seat, language=language), socket_path=socket)
    return assemble(config, wall_s=scenarios[0].clock.wall_s, wav_dir=folder)


async def _morning(
    scenarios: Sequence[Scenario], seat: Assembly, view: View, result: _Told, *, fast: bool
) -> None:
    stage_clock, worker = StageClock(scenarios[0].clock, clock.now()), StageWorker() if fast else None
    app = seat.app(
        observers=[view.timeline],
        civil=stage_clock,
        worker=worker,
        phrases=() if fast else tuple(seat.phrases_ahead()),
        on_snapshot=(view.show,),
        handle_signals=True,
    )
    view.origin = clock.now()
    view.lamps = lambda: headset_lamps(seat.simulated)
    view.timeline.on_entry.append(view.add)

    async def script(_app: App) -> None:
        for number, scenario in enumerate(scenarios, 1):
            view.number = number
            director = Director(scenario, app, view.timeline, stage_clock, worker)
            unplayed = await director.play(until_cleared=True)
            await asyncio.sleep(BETWEEN_S)
            entries = view.timeline.entries[director.first :]
            played = Played(entries, (), 0, headset_lamps(seat.simulated), director.refusals)
            end = replace(scenario.end, promises=None)
            judged = (*unplayed, *findings(scenario.expected, None, end, played))
            result.findings += [f"{scenario.path.name}: {each}" for each in judged]
            result.calls.append(
                {
                    "scenario": scenario.path.name,
                    "title": scenario.title,
                    "t": round(director.origin - view.origin, 3),
                    "findings": list(judged),
                }
            )

    await app.run(script)


@contextmanager
def _shown(view: View, console: Console, *, quiet: bool) -> Iterator[None]:
    """The live picture in a terminal that can draw one, plain lines elsewhere."""
    if quiet:
        yield
    elif console.is_terminal and not console.is_dumb_terminal:
        live = Live(
            get_renderable=lambda: draw(view, *console.size),
            console=console,
            refresh_per_second=FRAMES_PER_S,
            screen=True,
        )
        with live:
            yield
    else:
        console.print(second_terminal(view), soft_wrap=True)
        view.on_line.append(lambda line: console.print(line_text(line, view.language), soft_wrap=True))
        yield


def _make_room(folder: Path) -> None:
    """Take away what an earlier demo wrote, and nothing else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in ("records.sqlite*", "journal.jsonl*", *(f"*-[0-9][0-9]-{ear}.wav" for ear in EARS)):
            for path in folder.glob(pattern):
                path.unlink()
    except OSError as error:
        raise ConfigError(f"{error.filename or folder}: cannot be written: {error.strerror}") from None


def _command() -> str:
    """How callseat is called from where the demo was."""
    script = ROOT / "script" / "callseat"
    if not script.exists():
        return "callseat"
    try:
        return str(script.relative_to(Path.cwd()))
    except ValueError:
        return str(script)
