"""`callseat audio meter`: how loud both sides of a call are, live, or one microphone without a seat.

May not hold the seat up, and opens a device only where one is named: in a child process, as the seat does.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from callseat.cli.door import connect
from callseat.cli.meter_board import Board, Meter
from callseat.cli.options import print_json
from state.errors import SeatError, TransportError, TransportReason

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

DEVICE = "device"
"""What stands for the line where there is none."""
RATE_HZ = 16000
LEVEL_BLOCKS = 5
"""A device's level is shown ten times a second."""
ONCE_S = 5.0
"""Both channels' levels come within a second of each other; a busy box may need longer."""
LOWEST_DBFS = -72.0
WIDTH = 48
"""1.5 dB to a column."""
HOT_DBFS = {-12.0: "yellow", -3.0: "red"}
"""From these on a bar changes its colour: speech peaks, and what is about to clip."""
INTERRUPTED = 130


class NothingHeard(SeatError):
    """No line has a call that is listened to."""


def run_meter(socket: Path | None, device: str | None, *, once: bool, json: bool) -> None:
    """Show until interrupted, or one reading."""
    try:
        asyncio.run(_meter(socket, device, once=once, json=json))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


async def _meter(socket: Path | None, device: str | None, *, once: bool, json: bool) -> None:
    board = Board()
    async with aclosing(_of_device(device, board) if device else _of_seat(socket, board, once)) as readings:
        if once:
            await _first(readings, board)
            _tell(board, json=json)
        elif json or not sys.stdout.isatty():
            async for _ in readings:
                _tell(board, json=json)
        else:
            await _draw(readings, board)


async def _first(readings: AsyncIterator[None], board: Board) -> None:
    """Return when every channel has a level and a floor."""
    try:
        async with asyncio.timeout(ONCE_S):
            async for _ in readings:
                if board.complete and all(each.floor_dbfs is not None for each in board):
                    return
    except TimeoutError:
        message = f"no level within {ONCE_S:g} s: nothing analyses this call's sound"
        raise TransportError(TransportReason.TIMEOUT, message) from None


async def _of_seat(socket: Path | None, board: Board, once: bool) -> AsyncGenerator[None, None]:
    """The running seat's levels; each turn is a change of a meter."""
    async with await connect(socket) as client:
        happenings = await client.subscribe()
        board.take_snapshot(client.snapshot)
        if once and not list(board):
            raise NothingHeard("no call is listened to now; `callseat audio meter --device NAME` needs none")
        yield
        async for topic, params in happenings:
            if board.take_topic(topic, params, client.snapshot):
                yield


async def _of_device(name: str, board: Board) -> AsyncGenerator[None, None]:
    """A microphone's levels, measured here."""
    from numpy import concatenate

    from audio.decibel import peak_dbfs, rms_dbfs
    from audio.listener import Listener
    from audio.live.process import CardSpec
    from audio.live.sides import Capture
    from callseat.diagnosis.sound_stream import BLOCK_S, await_sound, open_card, ticks
    from state.ids import LineId
    from state.words import Channel

    length = round(BLOCK_S * RATE_HZ)
    listener = Listener(LineId(DEVICE), RATE_HZ, RATE_HZ)
    meter = board.meter(DEVICE, Channel.NEAR)
    meter.speaking = False
    async with open_card(CardSpec(name, None, RATE_HZ)) as card:
        capture = Capture(card)
        await await_sound(capture, RATE_HZ)
        recent = []
        async for begin in ticks():
            block = capture.read(begin + BLOCK_S, length)
            if not capture.heard:
                if card.process is None:
                    raise TransportError(TransportReason.GONE, f"{name}: {card.health.error}")
                continue
            for event in listener.push(Channel.NEAR, block, begin):
                board.take_event(event)
            recent.append(block)
            if len(recent) == LEVEL_BLOCKS:
                heard = concatenate(recent)
                recent.clear()
                meter.show(rms_dbfs(heard), peak_dbfs(heard), begin)
                yield


def _tell(board: Board, *, json: bool) -> None:
    if json:
        print_json({"meters": [each.as_json() for each in board]}, one_line=True)
    else:
        for each in board:
            typer.echo(f"{each.line} {each.channel}: {words(each)}")
    sys.stdout.flush()


def words(meter: Meter) -> str:
    """A meter in words."""
    if meter.level_dbfs is None:
        return "nothing measured yet"
    parts = [f"{meter.level_dbfs:.1f} dBFS", f"peak {meter.peak_dbfs:.1f}"]
    if meter.floor_dbfs is not None:
        parts.append(f"floor {meter.floor_dbfs:.1f}")
    if meter.speaking is not None:
        parts.append("speech" if meter.speaking else "no speech")
    if meter.condition not in (None, "ok"):
        parts.append(str(meter.condition).replace("_", " "))
    return ", ".join(parts + [fault.replace("_", " ") for fault in meter.faults])


async def _draw(readings: AsyncIterator[None], board: Board) -> None:
    from rich.live import Live

    with Live(auto_refresh=False, screen=False) as live:
        async for _ in readings:
            live.update(screen(board), refresh=True)


def screen(board: Board) -> RenderableType:
    """Every meter, drawn."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    panels = [Panel(_drawn(each), title=f"{each.line} {each.channel}", title_align="left") for each in board]
    if not panels:
        return Panel(Text("no call is listened to; waiting for one", "dim"))
    return Group(*panels)


def _drawn(meter: Meter) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    lines = [bar(meter), Text(words(meter), "bold" if meter.speaking else "")]
    lines += [Text(f"{fault.replace('_', ' ')}: {said}", "red") for fault, said in meter.faults.items()]
    return Group(*lines)


def bar(meter: Meter) -> Text:
    """The level as a bar from LOWEST_DBFS to full scale, with marks for peak and noise floor."""
    from rich.text import Text

    drawn = Text(no_wrap=True)
    level, peak, floor = (_column(each) for each in (meter.level_dbfs, meter.peak_dbfs, meter.floor_dbfs))
    for column in range(WIDTH):
        dbfs = LOWEST_DBFS * (1.0 - column / WIDTH)
        colour = next((name for least, name in reversed(HOT_DBFS.items()) if dbfs >= least), "green")
        if column == peak:
            drawn.append("|", colour)
        elif column == floor:
            drawn.append(":", "cyan")
        else:
            drawn.append("█" if column < level else "·", colour if column < level else "dim")
    return drawn


def _column(level_dbfs: float | None) -> int:
    """The column a level falls into; -1: below the scale, or not known."""
    if level_dbfs is None or level_dbfs < LOWEST_DBFS:
        return -1
    return min(WIDTH - 1, int((1.0 - level_dbfs / LOWEST_DBFS) * WIDTH))
