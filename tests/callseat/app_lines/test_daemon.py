"""A desktop app as a line of a real daemon, over its real socket; the headset is simulated."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from callseat.api.client import ApiClient
from callseat.api.line_params import MAX_CALLS
from tests.callseat.app_lines.desktop import Desktop
from tests.callseat.app_lines.kit import LINE, up
from tests.callseat.cli.daemon_kit import PATIENCE_S, Daemon, until

SEAT = """
[seat]
after_call_work_s = 0
[[line]]
id = "softphone"
backend = "app"
[[headset]]
id = "headset"
[audio]
backend = "none"
"""
CUSTOMER = "13800138000"
DIGITS = "8642097531"


class Desk:
    """A daemon, the app, and somebody who watches the seat and plays the agent's hands."""

    def __init__(self) -> None:
        self.daemon = Daemon(SEAT)
        self.watcher: ApiClient
        self.app: Desktop
        self._open: list[Desktop | ApiClient] = []

    async def start(self) -> None:
        """Start the daemon; a headset is there, an agent signed in, the app serves its line."""
        await asyncio.to_thread(self.daemon.start)
        self.watcher = await ApiClient.connect(self.daemon.socket)
        self._open.append(self.watcher)
        await self.until(lambda now: "headset" in now["devices"])
        self.app = await self.join()

    async def join(self) -> Desktop:
        """Another app at the socket."""
        app = await Desktop.connect(self.daemon.socket)
        self._open.append(app)
        return app

    async def until(self, condition: Callable[[Any], bool]) -> Any:
        return await until(condition, self.watcher)

    async def lamps(self, **wanted: bool) -> None:
        """Wait until the headset shows this, and nothing else."""
        await self.until(
            lambda now: (
                {name for name, lit in now["devices"]["headset"]["lamps"].items() if lit} == set(wanted)
            )
        )

    async def press(self, button: str) -> None:
        await self.watcher.call("simulated.act", {"act": "press", "button": button})

    async def record(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The newest record once it is so."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                calls = (await self.watcher.call("records.calls", {"limit": 1}))["calls"]
                if calls and condition(calls[0]):
                    return dict(calls[0])

    async def close(self) -> None:
        for client in self._open:
            await client.close()
        self.daemon.close()


def on_desk(test: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
    """Run `test` at a desk whose daemon has started, and clear everything away."""

    async def main() -> None:
        desk = Desk()
        try:
            await desk.start()
            await test(desk)
        finally:
            await desk.close()

    asyncio.run(main())


async def _answered_at_the_headset(desk: Desk) -> None:
    app = desk.app
    assert await app.register() == {"calls": {}}
    assert await app.tell("delivered", "a", state="ringing", number=CUSTOMER) == {"call": "softphone-1"}
    await desk.lamps(ring=True)
    await desk.press("hook")
    order = await app.asked("answer")
    assert (order["line"], order["call"]) == (LINE, "a")
    await app.tell("established", "a")
    await app.done(order)
    await desk.lamps(off_hook=True, microphone=True)


def test_a_call_of_an_app_from_the_ring_to_the_record() -> None:
    async def test(desk: Desk) -> None:
        app = desk.app
        await desk.watcher.call("agent.sign_in", {"agent": "1007"})
        await _answered_at_the_headset(desk)

        await desk.press("mute")
        order = await app.asked("set_mute")
        assert order["muted"] is True
        await app.done(order)
        await desk.lamps(off_hook=True, mute=True)
        await desk.watcher.call("device.set_mute", {"value": False})
        order = await app.asked("set_mute")
        assert order["muted"] is False
        await app.tell("muted", muted=False)
        await desk.lamps(off_hook=True, microphone=True)

        holding = asyncio.create_task(desk.watcher.call("call.hold"))
        await app.done(await app.asked("hold"))
        await app.tell("held", "a")
        assert await holding == {"call": "softphone-1"}
        await desk.until(lambda now: now["calls"]["softphone-1"]["state"] == "held")
        taking = asyncio.create_task(desk.watcher.call("call.retrieve"))
        await app.asked("retrieve")
        await app.tell("retrieved", "a")
        await taking

        ending = asyncio.create_task(desk.watcher.call("call.hangup"))
        order = await app.asked("hang_up")
        await app.tell("cleared", "a", cause="normal_clearing", by="local")
        await app.done(order)
        assert await ending == {"call": "softphone-1"}
        await desk.lamps()
        row = await desk.record(lambda row: row["state"] == "idle")
        assert (row["line"], row["number"], row["direction"], row["agent"]) == (
            LINE,
            CUSTOMER,
            "inbound",
            "1007",
        )
        assert (row["by"], row["cause"], row["hold_count"]) == ("local", "normal_clearing", 1)
        assert row["muted_s"] > 0
        assert row["established"] is not None

    on_desk(test)


def test_an_app_killed_in_a_call_leaves_a_seat_that_goes_on() -> None:
    async def test(desk: Desk) -> None:
        await _answered_at_the_headset(desk)
        await desk.app.ask("headset.acquire", device="headset", app="Acme")
        await desk.until(lambda now: now["devices"]["headset"]["holder"] == "Acme")
        await desk.app.close()
        now = await desk.until(lambda now: not now["devices"]["headset"]["holder"])
        assert now["calls"] == {}
        assert not now["lines"][LINE]["in_service"]
        await desk.lamps()
        row = await desk.record(lambda row: row["state"] == "idle")
        assert (row["cause"], row["by"]) == ("line_lost", "unknown")

        desk.app = await desk.join()
        assert await desk.app.register(up("a", number=CUSTOMER)) == {"calls": {"a": "softphone-2"}}
        await desk.lamps(off_hook=True, microphone=True)
        await desk.app.tell("cleared", "a", by="remote")
        again = await desk.record(lambda found: found["call"] == "softphone-2" and found["state"] == "idle")
        assert (again["number"], again["record"] != row["record"]) == (CUSTOMER, True)
        assert desk.daemon.alive

    on_desk(test)


def test_a_daemon_killed_in_a_call_adopts_it_when_the_app_lists_it() -> None:
    async def test(desk: Desk) -> None:
        await _answered_at_the_headset(desk)
        up_now = await desk.record(lambda row: row["state"] == "connected")
        await desk.watcher.close()
        await asyncio.to_thread(desk.daemon.stop, signal.SIGKILL)
        await desk.app.close()
        await desk.start()
        await desk.app.register(up("a", number=CUSTOMER))
        now = await desk.until(lambda now: now["calls"])
        (call,) = now["calls"].values()
        assert (call["record"], call["adopted"], call["state"]) == (up_now["record"], True, "connected")

    on_desk(test)


def test_a_lease_and_a_line_of_one_app_do_not_fight() -> None:
    """Its line's calls are the seat's: its own lamps are shown only while there is none."""

    async def test(desk: Desk) -> None:
        app = desk.app
        await app.register()
        assert await app.ask("headset.acquire", device="headset", app="Acme") == {}
        await app.ask("headset.show", device="headset", off_hook=True)
        await desk.lamps(off_hook=True, microphone=True)
        await app.ask("headset.show", device="headset")
        await app.tell("delivered", "a", state="ringing")
        await desk.lamps(ring=True)
        await desk.press("hook")
        await app.asked("answer")
        await app.tell("established", "a")
        await desk.lamps(off_hook=True, microphone=True)
        await app.tell("cleared", "a", by="remote")
        await desk.lamps()

    on_desk(test)


def test_digits_for_an_app_are_in_no_file() -> None:
    async def test(desk: Desk) -> None:
        app = desk.app
        await app.register(up("a"))
        sending = asyncio.create_task(desk.watcher.call("call.send_digits", {"digits": DIGITS}))
        order = await app.asked("send_digits")
        assert order["digits"] == DIGITS
        await app.done(order)
        assert await sending == {"call": "softphone-1"}
        refused = asyncio.create_task(desk.watcher.call("call.send_digits", {"digits": DIGITS[:4]}))
        outcome = {"ok": False, "kind": "device_error", "message": f"cannot key {DIGITS[:4]}"}
        await app.done(await app.asked("send_digits"), **outcome)
        await asyncio.gather(refused, return_exceptions=True)
        clients = await desk.watcher.call("server.clients")
        told = repr(refused.exception()) + repr(clients)
        assert await asyncio.to_thread(desk.daemon.stop) == 0
        files = {path: path.read_bytes() for path in desk.daemon.folder.rglob("*") if path.is_file()}
        assert any(b"SendDigits" in data for data in files.values())
        for digits in (DIGITS, DIGITS[:4]):
            assert [str(path) for path, data in files.items() if digits.encode() in data] == []
            assert digits not in told

    on_desk(test)


def _flood(bad: Desktop) -> int:
    """Everything a socket can be made to swallow at once; the number of its last request."""
    for number in range(1000):
        bad.post("line.register", line=f"l{number}", app="Bad", capabilities=[])
    for number in range(3000):
        bad.post("line.report", line="l0", event="delivered", call=f"c{number}", state="waiting")
        bad.post("line.done", line="l0", command=number + 1, ok=True)
    bad.write(b'{"jsonrpc":"2.0","method":"line.report","params":{"line":"l0","call":"' + b"\xff" * 70_000)
    bad.write(b'"}}\n')
    return bad.post("line.register", line="x" * 60_000, app="Bad", capabilities=[])


def test_a_flood_and_a_thousand_lines_do_not_harm_the_seat() -> None:
    async def test(desk: Desk) -> None:
        app, bad = desk.app, await desk.join()
        last = _flood(bad)
        await app.register()
        await app.tell("delivered", "a", state="ringing", number=CUSTOMER)
        answering = asyncio.create_task(desk.watcher.call("call.answer", {"call": "softphone-1"}))
        await app.asked("answer")
        await app.tell("established", "a")
        assert await answering == {"call": "softphone-1"}
        assert (await bad.answer(last))["error"]["data"]["kind"] == "invalid_params"
        now = (await desk.watcher.call("state.get"))["snapshot"]
        assert set(now["lines"]) == {LINE, "l0", "l1", "l2", "l3"}
        assert len(now["calls"]) == 1 + MAX_CALLS
        await bad.close()
        await desk.until(lambda now: set(now["calls"]) == {"softphone-1"})
        assert desk.daemon.alive

    on_desk(test)


def test_an_app_that_asks_nothing_more_serves_no_line_any_more() -> None:
    """`nc -N`, or a process that was killed: it could report nothing."""

    async def test(desk: Desk) -> None:
        await desk.app.register(up("a"))
        desk.app._writer.write_eof()
        now = await desk.until(lambda now: not now["lines"][LINE]["in_service"])
        assert now["calls"] == {}

    on_desk(test)
