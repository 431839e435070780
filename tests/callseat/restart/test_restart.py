"""A daemon that dies in a call, and one that is asked to stop: what its successor finds."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from callseat.api.client import ApiClient
from callseat.app import App
from callseat.assembly import Assembly, assemble
from callseat.config import load_config
from callseat.loops import ScaledLoop
from callseat.records import query_calls
from devices.simulated.phone import SimulatedPhone
from state.commands import Lamps
from state.ids import DeviceId, LineId
from state.words import CallState
from tests.callseat.cli.daemon_kit import FILES, PATIENCE_S, SIMULATED_SEAT, Daemon, until
from tests.callseat.restart.pty_phone import PtyPhone

AT_SEAT = """
[[line]]
id = "desk"
backend = "at"
port = "{port}"
[[headset]]
id = "headset"
"""


class Seat:
    """A daemon, its phone, and a client of the daemon that runs now."""

    def __init__(self) -> None:
        self.phone = PtyPhone()
        self.daemon = Daemon(AT_SEAT.format(port=self.phone.path))
        self.client: ApiClient

    async def start(self) -> None:
        """Start the daemon; its line is in service."""
        await asyncio.to_thread(self.daemon.start)
        self.client = await ApiClient.connect(self.daemon.socket)
        await self.until(lambda now: now["lines"].get("desk", {}).get("in_service"))

    async def until(self, condition: Callable[[Any], bool]) -> Any:
        return await until(condition, self.client)

    async def connect(self, number: str) -> str:
        """A customer calls and is answered; the call's name."""
        self.phone.act(lambda phone, at: phone.ring_in(number, at))
        now = await self.until(lambda now: any(c["state"] == "ringing" for c in now["calls"].values()))
        (call,) = now["calls"]
        await self.client.call("call.answer", {"call": call})
        await self.until(lambda now: now["calls"][call]["state"] == "connected")
        return str(call)

    async def finish(self) -> None:
        """The customer hangs up."""
        self.phone.act(SimulatedPhone.far_hang_up)
        await self.until(lambda now: not now["calls"])

    async def kill(self) -> None:
        """kill -9; the client and the phone notice."""
        await self.client.close()
        assert await asyncio.to_thread(self.daemon.stop, signal.SIGKILL) == -signal.SIGKILL
        self.phone.host_died()

    async def records(self) -> list[dict[str, Any]]:
        """Calls on record, oldest first."""
        answer = await self.client.call("records.calls", {"limit": 100})
        return list(reversed(answer["calls"]))

    async def recorded(self, condition: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """The records once they are so: they are written beside the loop."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await self.records()
                if condition(found):
                    return found

    async def close(self) -> None:
        await self.client.close()
        self.daemon.close()
        self.phone.close()


def on_seat(test: Callable[[Seat], Coroutine[Any, Any, None]]) -> None:
    """Run `test` on a seat whose daemon has started, and clear everything away."""

    async def main() -> None:
        seat = Seat()
        try:
            await seat.start()
            await test(seat)
        finally:
            await seat.close()

    asyncio.run(main())


async def _two_finished_one_up(seat: Seat) -> dict[str, Any]:
    """The morning before the daemon is killed; the record of the call that is up."""
    await seat.client.call("agent.sign_in", {"agent": "1007"})
    await seat.client.call("agent.set_state", {"state": "ready"})
    for number in ("13800000001", "13800000002"):
        await seat.connect(number)
        await seat.finish()
    await seat.connect("13800000003")
    now = await seat.until(lambda now: now["devices"]["headset"]["lamps"]["off_hook"])
    assert now["agent"]["state"] == "busy"
    *_, up = await seat.recorded(lambda found: [c["state"] for c in found] == ["idle", "idle", "connected"])
    return up


def test_a_killed_daemon_adopts_the_call_that_is_still_up() -> None:
    async def test(seat: Seat) -> None:
        up = await _two_finished_one_up(seat)
        await seat.kill()
        await seat.start()
        now = await seat.until(lambda now: any(c["adopted"] for c in now["calls"].values()))
        (call,) = now["calls"].values()
        assert (call["state"], call["record"], call["number"]) == ("connected", up["record"], "13800000003")
        assert now["agent"]["agent"] == "1007"
        assert now["agent"]["state"] == "busy"
        lit = await seat.until(lambda now: now["devices"].get("headset", {}).get("lamps", {}).get("off_hook"))
        assert lit["devices"]["headset"]["lamps"]["ring"] is False

        one, two, three = await seat.recorded(lambda found: found[-1]["gap_s"] > 0)
        assert [each["state"] for each in (one, two, three)] == ["idle", "idle", "connected"]
        assert [each["number"][-1] for each in (one, two, three)] == ["1", "2", "3"]
        assert all(each["cleared"] is not None and each["by"] == "remote" for each in (one, two))
        assert three["record"] == up["record"]
        assert three["last_session"] != three["session"]

        await seat.finish()
        *_, ended = await seat.recorded(lambda found: found[-1]["state"] == "idle")
        assert (ended["record"], ended["by"], ended["agent"]) == (up["record"], "remote", "1007")
        dark = await seat.until(lambda now: not now["devices"]["headset"]["lamps"]["off_hook"])
        assert not any(dark["devices"]["headset"]["lamps"].values())

    on_seat(test)


def test_a_call_that_ended_meanwhile_is_interrupted() -> None:
    async def test(seat: Seat) -> None:
        up = await _two_finished_one_up(seat)
        await seat.kill()
        seat.phone.act(SimulatedPhone.far_hang_up)
        seat.phone.host_died()
        await seat.start()
        one, two, three = await seat.recorded(lambda found: found[-1]["state"] == "idle")
        assert three["record"] == up["record"]
        assert (three["cause"], three["by"]) == ("interrupted", "unknown")
        assert all(each["cause"] == "normal_clearing" for each in (one, two))
        now = await seat.until(lambda now: "headset" in now["devices"])
        assert now["calls"] == {}
        assert not any(now["devices"]["headset"]["lamps"].values())

    on_seat(test)


def test_killed_while_it_rings_it_answers_the_same_call_afterwards() -> None:
    async def test(seat: Seat) -> None:
        seat.phone.act(lambda phone, at: phone.ring_in("13800000009", at))
        before = await seat.until(lambda now: any(c["state"] == "ringing" for c in now["calls"].values()))
        (ringing,) = before["calls"].values()
        await seat.recorded(lambda found: [c["state"] for c in found] == ["ringing"])
        await seat.kill()
        await seat.start()
        now = await seat.until(lambda now: any(c["adopted"] for c in now["calls"].values()))
        (call,) = now["calls"].values()
        assert (call["record"], call["state"]) == (ringing["record"], "ringing")
        await seat.client.call("call.answer")
        await seat.until(lambda now: [c["state"] for c in now["calls"].values()] == ["connected"])
        (record,) = await seat.recorded(lambda found: found[-1]["state"] == "connected")
        assert record["record"] == ringing["record"]

    on_seat(test)


def test_sigterm_says_so_closes_the_records_and_leaves_the_call() -> None:
    async def test(seat: Seat) -> None:
        up = await _two_finished_one_up(seat)
        watching = await ApiClient.connect(seat.daemon.socket)
        async with watching:
            happenings = await watching.subscribe()
            assert await asyncio.to_thread(seat.daemon.stop, signal.SIGTERM) == 0
            topics = [topic async for topic, _ in happenings]
        assert topics[-1] == "server.closing"
        await asyncio.to_thread(seat.daemon.told, "STOPPING=1")
        assert not [told for told in seat.daemon.heard if "WATCHDOG" in told], "nobody asked for it"
        assert not seat.daemon.socket.exists()
        folder = seat.daemon.folder
        assert not (folder / "records.sqlite-wal").exists()
        (newest, *_) = query_calls(folder / "records.sqlite")
        assert (newest.row.record, newest.row.state) == (up["record"], CallState.CONNECTED)
        assert json.loads((folder / "journal.jsonl").read_text("utf-8").splitlines()[-1])["at"] > 0
        assert seat.phone.model.connected
        await seat.client.close()
        seat.phone.host_died()
        await seat.start()
        now = await seat.until(lambda now: any(c["adopted"] for c in now["calls"].values()))
        assert [call["record"] for call in now["calls"].values()] == [up["record"]]

    on_seat(test)


def test_a_signal_turns_the_lamps_off(tmp_path: Path) -> None:
    """In this process, so that the headset can be looked at afterwards."""
    path = tmp_path / "c.toml"
    path.write_text(SIMULATED_SEAT + FILES, encoding="utf-8")
    seat = assemble(load_config(path))
    headset = seat.simulated.headsets[DeviceId("headset")]
    lit: list[Lamps] = []

    async def script(app: App) -> None:
        lit.append(await _lamps_of_a_ringing_call(seat, app))
        signal.raise_signal(signal.SIGTERM)
        await asyncio.get_running_loop().create_future()

    async def main() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await seat.app(serve_socket=False, handle_signals=True, phrases=()).run(script)

    with asyncio.Runner(loop_factory=ScaledLoop) as runner:
        runner.run(main())
    assert lit == [Lamps(ring=True)]
    assert headset.model.lamps == Lamps()


async def _lamps_of_a_ringing_call(seat: Assembly, app: App) -> Lamps:
    headset = seat.simulated.headsets[DeviceId("headset")].model
    lines = seat.simulated.phones[LineId("desk")]
    await _turn_until(lambda: any(line.in_service for line in app.core.snapshot().lines))
    lines.act(lambda phone, at: phone.ring_in("1", at))
    await _turn_until(lambda: headset.lamps.ring)
    return replace(headset.lamps)


async def _turn_until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the condition is the seat's own state, nothing signals it
        await asyncio.sleep(0)
