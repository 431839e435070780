"""Both READMEs say the same, and the program in them is a client that works."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import tempfile
from pathlib import Path

from callseat.app import App
from callseat.config import LineBackend, load_config
from callseat.core import Core
from callseat.loops import ScaledLoop
from callseat.runtime.parts import Parts
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from callseat.simulated import SimulatedSeat
from tests.callseat.cli.daemon_kit import command
from tests.callseat.runtime.seat_kit import HEADSET, LINE, config
from tests.docs.pages import READMES, blocks, headings, inline, links, page
from tests.kernel.box import INSTALLED, PLACE, PROGRAM, Box
from tests.support import ROOT

SPEED = 10.0
PROGRAM_S = 200.0
"""Scaled: twenty real seconds for the program to start and to see the first cue."""
TWO_COMMANDS = "script/demo\nscript/test\n"


def test_the_same_headings() -> None:
    english, chinese = ([level for level, _ in headings(page(name))] for name in READMES)
    assert english == chinese
    assert len(english) >= 8


def test_the_same_commands_programs_and_pictures() -> None:
    for language in ("sh", "toml", "python", "text"):
        english, chinese = (blocks(page(name), language) for name in READMES)
        assert english == chinese
        assert english


def test_the_same_links_and_names() -> None:
    english, chinese = (sorted(links(page(name))) for name in READMES)
    assert [link for link in english if link != READMES[1]] == [
        link for link in chinese if link != READMES[0]
    ]
    told, told_zh = (sorted(set(inline(page(name)))) for name in READMES)
    assert told == told_zh


def test_the_two_commands_come_first() -> None:
    for name in READMES:
        assert blocks(page(name), "sh")[0] == TWO_COMMANDS


def test_the_demo_prints_what_is_shown_of_it(tmp_path: Path) -> None:
    shown = blocks(page(READMES[0]), "text")[0].splitlines()
    demo = [sys.executable, "-m", "callseat", "demo", "--fast", "--out", str(tmp_path)]
    ran = subprocess.run(demo, cwd=ROOT, check=True, capture_output=True, text=True)
    assert len(shown) >= 5
    assert [line for line in shown if line not in ran.stdout.splitlines()] == []


def installing() -> list[str]:
    """The commands that install a box, as root types them."""
    block = next(block for block in blocks(page(READMES[0]), "sh") if "systemd-sysusers" in block)
    return [line.removeprefix("sudo ") for line in block.splitlines()]


def test_a_box_is_installed_as_the_one_that_is_tested() -> None:
    """tests/kernel runs what `Box.install` installed, under a real kernel and systemd."""
    copied = [line.split()[-2:] for line in installing() if line.startswith("install -D -m 644 udev/")]
    assert {Path(file).name: target for file, target in copied} == INSTALLED
    assert all((ROOT / file).is_file() for file, _ in copied)
    tried = inspect.getsource(Box.install)
    for step in ("systemd-sysusers", "systemd-hwdb update", "udevadm control --reload"):
        assert step in installing()
        assert step in tried
    assert any(str(PLACE) in line for line in installing())
    assert any(line.endswith(str(PROGRAM)) for line in installing())


def test_the_configuration_of_the_box_is_good(tmp_path: Path) -> None:
    (text,) = blocks(page(READMES[0]), "toml")
    path = tmp_path / "callseat.toml"
    path.write_text(text, encoding="utf-8")
    loaded = load_config(path)
    assert loaded.adopt_headsets
    assert (loaded.headsets, [line.backend for line in loaded.lines]) == ((), [LineBackend.AT])


def test_a_device_is_explained_as_shown() -> None:
    (asked,) = [line for line in blocks(page(READMES[0]), "sh") if "devices decode" in line]
    (shown,) = [block for block in blocks(page(READMES[0]), "text") if "score 81" in block]
    told = command(*asked.split()[1:]).stdout
    assert told.startswith(shown)


def test_the_program_prints_each_cue_and_why() -> None:
    (program,) = blocks(page(READMES[0]), "python")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seat.sock"
        with asyncio.Runner(loop_factory=lambda: ScaledLoop(SPEED)) as runner:
            line = runner.run(first_line(program.replace("/tmp/seat.sock", str(path)), path))
    text, _, why = line.partition(" | ")
    assert text == "请说开场白：问候、中心、欢迎、主动帮助"
    assert why.startswith("电话接通已")


async def first_line(program: str, path: Path) -> str:
    """What the program prints first at a seat where a call is answered and nobody speaks."""
    settings = config(path.parent, socket_path=path)
    seat = SimulatedSeat(settings)
    parts = Parts(civil=StageClock(ClockSetting(1_760_000_000.0, 28_800)), serve_socket=True)
    app = App(settings, Core(settings.seat), simulated=seat, parts=parts)
    lines: list[str] = []

    async def script(_app: App) -> None:
        pipe = asyncio.subprocess.PIPE
        client = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe)
        assert client.stdout is not None
        try:
            async with asyncio.timeout(PROGRAM_S):
                reading = asyncio.ensure_future(client.stdout.readline())
                while not reading.done():
                    await one_call(seat, reading)
                lines.append(reading.result().decode())
        finally:
            client.kill()
            await client.wait()

    await app.run(script)
    return lines[0].strip()


async def one_call(seat: SimulatedSeat, until: asyncio.Future[bytes]) -> None:
    """A customer rings, the hook is pressed, nobody speaks; the customer gives up after a while."""
    seat.phones[LINE].act(lambda phone, at: phone.ring_in("13800138000", at))
    await asyncio.wait((until,), timeout=1.0)
    seat.headsets[HEADSET].act(lambda headset, at: headset.press_hook(at))
    await asyncio.wait((until,), timeout=6.0)
    seat.phones[LINE].act(lambda phone, at: phone.far_hang_up(at))
    await asyncio.wait((until,), timeout=1.0)
