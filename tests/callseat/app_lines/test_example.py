"""examples/softphone.py is a line that works, and needs nothing of callseat's."""

from __future__ import annotations

import ast
import asyncio
import signal
import sys

from tests.callseat.app_lines.test_daemon import CUSTOMER, Desk, on_desk
from tests.support import ROOT

PROGRAM = ROOT / "examples" / "softphone.py"


class Softphone:
    """The example in its own process; the test is the customer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, desk: Desk) -> Softphone:
        pipe = asyncio.subprocess.PIPE
        program = (sys.executable, "-I", str(PROGRAM), str(desk.daemon.socket))
        return cls(await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe))

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def quit(self) -> list[str]:
        """End it; what it printed."""
        said, _ = await self.process.communicate(b"quit\n")
        return said.decode().splitlines()


async def _serving(desk: Desk) -> Softphone:
    phone = await Softphone.start(desk)
    await desk.until(lambda now: now["lines"]["softphone"]["in_service"])
    return phone


def test_it_needs_nothing_but_pythons_own_library() -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else name.name) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_its_calls_are_answered_held_dialled_and_ended_at_the_seat() -> None:
    async def test(desk: Desk) -> None:
        phone = await _serving(desk)
        phone.type(f"ring {CUSTOMER}")
        await desk.lamps(ring=True)
        await desk.press("hook")
        await desk.lamps(off_hook=True, microphone=True)
        await desk.watcher.call("device.set_mute", {"value": True})
        await desk.lamps(off_hook=True, mute=True)
        assert await desk.watcher.call("call.hold") == {"call": "softphone-1"}
        assert await desk.watcher.call("call.retrieve") == {"call": "softphone-1"}
        assert await desk.watcher.call("call.send_digits", {"digits": "8642"}) == {"call": "softphone-1"}
        phone.type("end")
        await desk.lamps()
        await desk.watcher.call("agent.sign_in", {"agent": "1007"})
        await desk.watcher.call("call.dial", {"number": "10086"})
        await desk.until(lambda now: [c["state"] for c in now["calls"].values()] == ["connected"])
        assert await desk.watcher.call("call.hangup") == {"call": "softphone-2"}
        said = await phone.quit()
        first = ["answer c1", "set_mute", "hold c1", "retrieve c1", "send_digits c1"]
        assert said == [f"asked: {verb}" for verb in (*first, "dial", "set_mute", "hang_up c2")]

    on_desk(test)


def test_its_call_outlives_the_daemon() -> None:
    async def test(desk: Desk) -> None:
        phone = await _serving(desk)
        phone.type(f"ring {CUSTOMER}")
        await desk.lamps(ring=True)
        await desk.press("hook")
        row = await desk.record(lambda row: row["state"] == "connected")
        await desk.watcher.close()
        await desk.app.close()
        await asyncio.to_thread(desk.daemon.stop, signal.SIGKILL)
        await desk.start()
        now = await desk.until(lambda now: now["calls"])
        (call,) = now["calls"].values()
        assert (call["adopted"], call["record"], call["number"]) == (True, row["record"], CUSTOMER)
        phone.type("end")
        await desk.until(lambda now: not now["calls"])
        assert (await phone.quit())[0] == "asked: answer c1"

    on_desk(test)
