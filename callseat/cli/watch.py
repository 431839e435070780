"""`callseat watch`: what happens at the seat, as it happens.

May not hold the seat up: a terminal that does not read is dropped by the seat like any slow client.
"""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callseat.cli.door import connect
from callseat.cli.options import JsonFlag, SocketOption, print_json
from callseat.cli.status import LABEL, described
from callseat.cli.text import GAP, happening

if TYPE_CHECKING:
    from rich.console import RenderableType

    from callseat.api.client import ApiClient

SHOWN = 16
"""Happenings kept on the screen."""
REDRAW_S = 0.5
"""Ages grow while nothing happens."""
QUIET_TOPICS = frozenset({"state.changed", "audio.level", "speech.measured"})
"""Left out of the list of happenings unless --all: the picture above shows what they change."""
INTERRUPTED = 130


def add_to(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(watch)


def watch(
    socket: SocketOption = None,
    json: JsonFlag = False,
    every: Annotated[
        bool, typer.Option("--all", help="Also levels, measures of speech and bare changes of state.")
    ] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many happenings.")] = None,
) -> None:
    """Follow what happens at the seat.

    A live picture in a terminal; one line for each happening in a pipe or with --json.
    """
    import asyncio

    try:
        asyncio.run(_watch(socket, json, every or json, count))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


async def _watch(socket: Path | None, json: bool, every: bool, count: int | None) -> None:
    async with await connect(socket) as client:
        if not json and sys.stdout.isatty():
            await _draw(client, every, count)
            return
        happenings = await client.subscribe()
        if json:
            print_json({"snapshot": client.snapshot, "seq": client.seq}, one_line=True)
        else:
            for line in described(client.snapshot, client.snapshot["at"]):
                typer.echo(line)
        left = count
        async for topic, params in happenings:
            if not every and topic in QUIET_TOPICS:
                continue
            if json:
                print_json({"topic": topic, **params}, one_line=True)
            else:
                typer.echo(happening(topic, params))
            sys.stdout.flush()
            left = None if left is None else left - 1
            if left == 0:
                return


async def _draw(client: ApiClient, every: bool, count: int | None) -> None:
    """The live picture: redrawn at every happening, and twice a second for the ages."""
    import asyncio

    from rich.live import Live

    from callseat import clock

    ahead = (await client.call("server.info"))["at"] - clock.now()
    recent: deque[str] = deque(maxlen=SHOWN)
    happenings = await client.subscribe()
    with Live(auto_refresh=False, screen=False) as live:

        def draw() -> None:
            live.update(_screen(client.snapshot, clock.now() + ahead, recent), refresh=True)

        async def tick() -> None:
            while True:
                draw()
                await asyncio.sleep(REDRAW_S)

        ticking = asyncio.create_task(tick(), name="redraw")
        try:
            left = count
            async for topic, params in happenings:
                if "ts" in params:
                    ahead = max(ahead, params["ts"]["monotonic"] - clock.now())
                if every or topic not in QUIET_TOPICS:
                    recent.append(happening(topic, params))
                    left = None if left is None else left - 1
                draw()
                if left == 0:
                    return
        finally:
            ticking.cancel()


def _screen(snapshot: Any, now: float, recent: deque[str]) -> RenderableType:
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    seat = Table.grid(padding=(0, 1))
    seat.add_column(style="bold", no_wrap=True)
    seat.add_column()
    for line in described(snapshot, now):
        label, text = line[:LABEL].strip(), line[LABEL + len(GAP) :]
        style = {"cue": "yellow", "call": "cyan", "trouble": "red"}.get(label, "")
        seat.add_row(label, Text(text, style))
    display = Text("\n".join(snapshot["display"]) or " ", "reverse")
    happened = Text("\n".join(recent) or "nothing yet", "dim", no_wrap=True, overflow="ellipsis")
    parts = (Panel(seat, title="seat"), Panel(display, title="display"), Panel(happened, title="happened"))
    return Group(*parts)
