"""docs/headsets.md: its client is a client that works, its tables say what the code does."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callseat import clock
from callseat.api.client import ApiClient
from callseat.app import App
from callseat.core import Core
from callseat.loops import ScaledLoop
from callseat.runtime.parts import Parts
from callseat.simulated import SimulatedSeat
from firmware_bridge.hotplug import POLL_LOOK_S, SAFETY_LOOK_S
from state.commands import Answer, Dial, HangUp, Hold, Reject, Retrieve, SendDigits
from state.events import ButtonPressed, DigitKeyed, Event, HookChanged, MuteRequested
from state.words import Button, MuteState
from tests.callseat.cli.daemon_kit import until
from tests.callseat.runtime.seat_kit import HEADSET, config
from tests.docs.pages import blocks, inline, page, rows
from tests.state.driver import HS, OFF, Desk

PAGE = "docs/headsets.md"
SPEED = 10.0
PROGRAM_S = 200.0
"""Scaled: twenty real seconds for the program to start and to hear two presses."""
FINGER_S = 0.5
"""Nobody answers and hangs up faster; within a quarter of a second it is the bounce of the first press."""
CLIENT_LINES = 15
"""What the page promises of a reference client, imports and connecting aside."""


def test_the_client_answers_and_ends_a_call_of_its_own_and_frees_the_headset() -> None:
    (program,) = blocks(page(PAGE), "python")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seat.sock"
        text = program.replace("/run/callseat/callseat.sock", str(path)).replace('"headset"', f'"{HEADSET}"')
        with asyncio.Runner(loop_factory=lambda: ScaledLoop(SPEED)) as runner:
            assert runner.run(presses(text, path)) == ["answered", "ended"]


async def presses(program: str, path: Path) -> list[str]:
    """What the program prints while the call key of its headset is pressed twice; it is killed afterwards."""
    settings = config(path.parent, socket_path=path)
    seat = SimulatedSeat(settings)
    app = App(settings, Core(settings.seat), simulated=seat, parts=Parts(serve_socket=True))
    heard: list[str] = []

    async def script(_app: App) -> None:
        pipe = asyncio.subprocess.PIPE
        client = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe)
        assert client.stdout is not None
        try:
            async with asyncio.timeout(PROGRAM_S), await ApiClient.connect(path) as onlooker:
                for lamp in ("ring", "off_hook"):
                    await seen(path, lambda headset, lamp=lamp: headset["lamps"][lamp])
                    seat.headsets[HEADSET].act(lambda headset, at: headset.press_hook(at))
                    heard.append((await client.stdout.readline()).decode().strip())
                    pressed_at = clock.now()
                    while (await onlooker.call("server.info"))["at"] < pressed_at + FINGER_S:
                        pass
                await seen(path, lambda headset: headset["holder"] == "softphone")
                client.kill()
                await client.wait()
                await seen(path, lambda headset: not headset["holder"])
        finally:
            if client.returncode is None:
                client.kill()
            await client.wait()

    await app.run(script)
    return heard


async def seen(path: Path, condition: Callable[[Any], bool]) -> None:
    """Wait until the headset is so."""
    async with await ApiClient.connect(path) as client:
        await until(lambda now: HEADSET in now["devices"] and condition(now["devices"][HEADSET]), client)


def test_the_client_is_short() -> None:
    (program,) = blocks(page(PAGE), "python")
    told = [line for line in program.splitlines() if line.strip()]
    own = [line for line in told if not re.match(r"import |seat|lines = ", line)]
    assert len(own) <= CLIENT_LINES


# the keys ------------------------------------------------------------------------------------------


def key(button: Button, *, long: bool = False) -> Callable[[Desk], Event]:
    return lambda desk: ButtonPressed(desk.at, HS, HS, button, long)


KEYS: dict[str, Callable[[Desk], Event]] = {
    "call key (hook)": lambda desk: HookChanged(desk.at, HS, HS, not desk.lamps().off_hook),
    "hold key (flash), short": key(Button.FLASH),
    "hold key, long": key(Button.FLASH, long=True),
    "reject key": key(Button.REJECT),
    "redial key": key(Button.REDIAL),
    "mute key": lambda desk: MuteRequested(desk.at, HS, HS, not desk.lamps().mute),
    "dial pad": lambda desk: DigitKeyed(desk.at, HS, HS, "5"),
}
MEANS: dict[type, str] = {
    Answer: "answers",
    HangUp: "ends the call",
    Reject: "refuses",
    Hold: "holds",
    Retrieve: "takes back",
    Dial: "dials the last number",
    SendDigits: "sends the digit",
}


def at_rest() -> Desk:
    """A seat that has dialled a number before."""
    desk = Desk(OFF)
    desk.asks(Dial("13800138000"))
    desk.clears(desk.calls_out())
    desk.runs(60.0)
    return desk


def ringing() -> Desk:
    desk = at_rest()
    desk.rings()
    return desk


def talking() -> Desk:
    desk = at_rest()
    desk.talks()
    return desk


def holding() -> Desk:
    desk = at_rest()
    call = desk.talks()
    desk.asks(Hold(call))
    desk.holds(call)
    return desk


SITUATIONS = (at_rest, ringing, talking, holding)


@pytest.mark.parametrize("row", rows(page(PAGE), "A press is a request"), ids=lambda row: row[0])
def test_each_key_means_what_the_page_says(row: list[str]) -> None:
    name, *meanings = row
    for make, meaning in zip(SITUATIONS, meanings, strict=True):
        desk = make()
        desk.runs(60.0)
        before, muted = desk.commands(), desk.lamps().mute
        desk.tell(KEYS[name](desk))
        asked = [command for command in desk.commands()[len(before) :] if type(command) in MEANS]
        done = [MEANS[type(command)] for command in asked]
        if name == "mute key":
            assert desk.lamps().mute != muted, "the headset may ignore its key; the seat does not"
        else:
            assert done == ([] if meaning.startswith("nothing") else [meaning]), make.__name__


def test_every_key_has_its_row() -> None:
    assert [row[0] for row in rows(page(PAGE), "A press is a request")] == list(KEYS)


def test_every_mute_there_is_has_its_row() -> None:
    named = {code for row in rows(page(PAGE), "Mute") for code in inline(row[0])}
    assert named == set(MuteState)


def test_the_looks_are_as_often_as_said() -> None:
    assert f"every {SAFETY_LOOK_S:g} s; without udev every {POLL_LOOK_S:g} s" in page(PAGE)
