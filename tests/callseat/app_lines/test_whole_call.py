"""A whole call of an app on the headset's keys, at the pace of hands: virtual time, real socket and parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from callseat.app import App
from callseat.assembly import assemble
from callseat.config import load_config
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from devices.simulated.headset import SimulatedHeadset
from state.ids import DeviceId
from state.words import Button
from tests.callseat.app_lines.desktop import Desktop
from tests.callseat.app_lines.test_daemon import CUSTOMER, SEAT
from tests.callseat.cli.daemon_kit import FILES
from tests.callseat.runtime.seat_kit import run
from tests.virtual import passes

Act = Callable[[SimulatedHeadset, float], Any]


class Desk:
    """The running app, the desktop app at its socket, and the headset in the agent's hands."""

    def __init__(self, daemon: App, app: Desktop) -> None:
        self.app = app
        self._port = daemon.simulated.headsets[DeviceId("headset")]  # type: ignore[union-attr] - it is simulated

    async def press(self, act: Act) -> None:
        """A key, a second after the last one."""
        await passes(1)
        self._port.act(act)

    def lit(self) -> set[str]:
        """The lamps that are lit."""
        lamps = self._port.model.lamps
        return {name for name in lamps.__slots__ if getattr(lamps, name)}


def on_desk(folder: Path, test: Callable[[Desk], Awaitable[None]]) -> list[dict[str, Any]]:
    """Run `test` at a desk; what is on record after it."""
    path = folder / "callseat.toml"
    path.write_text(SEAT + FILES, encoding="utf-8")
    seat = assemble(load_config(path, {}), wall_s=1_760_000_000.0, session="s", journal=False)
    rows: list[dict[str, Any]] = []

    async def script(daemon: App) -> None:
        app = await Desktop.connect(seat.config.socket_path)
        await test(Desk(daemon, app))
        rows.extend((await app.ask("records.calls"))["calls"])
        await app.close()

    async def main() -> None:
        await seat.app(civil=StageClock(ClockSetting(1_760_000_000.0, 28_800))).run(script)

    run(main())
    return rows


def test_answered_muted_held_and_hung_up_at_the_headset(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        app = desk.app
        await app.register()
        await app.tell("delivered", "a", state="ringing", number=CUSTOMER)
        assert desk.lit() == {"ring"}
        await desk.press(SimulatedHeadset.press_hook)
        order = await app.asked("answer")
        assert desk.lit() == {"off_hook"}  # acknowledged before the app has done anything
        await app.tell("established", "a")
        await app.done(order)
        assert desk.lit() == {"off_hook", "microphone"}
        for muted, lit in ((True, {"off_hook", "mute"}), (False, {"off_hook", "microphone"})):
            await desk.press(SimulatedHeadset.press_mute)
            order = await app.asked("set_mute")
            assert order["muted"] is muted
            await app.done(order)
            assert desk.lit() == lit
        await desk.press(lambda headset, at: headset.press(Button.FLASH, at))
        order = await app.asked("hold")
        await app.tell("held", "a")
        await app.done(order)
        assert "hold" in desk.lit()
        await desk.press(lambda headset, at: headset.press(Button.FLASH, at))
        order = await app.asked("retrieve")
        await app.tell("retrieved", "a")
        await app.done(order)
        await desk.press(SimulatedHeadset.press_hook)
        order = await app.asked("hang_up")
        assert order["call"] == "a"
        await app.tell("cleared", "a", cause="normal_clearing", by="local")
        await app.done(order)
        assert desk.lit() == set()

    (row,) = on_desk(tmp_path, test)
    assert (row["line"], row["number"], row["state"], row["by"]) == ("softphone", CUSTOMER, "idle", "local")
    assert [row["hold_count"], round(row["hold_s"]), round(row["muted_s"])] == [1, 1, 1]


def test_an_app_that_does_not_answer_the_call_leaves_it_ringing(tmp_path: Path) -> None:
    """The headset shows off-hook for as long as the app may take, then what is so."""

    async def test(desk: Desk) -> None:
        app = desk.app
        await app.register()
        await app.tell("delivered", "a", state="ringing", number=CUSTOMER)
        await desk.press(SimulatedHeadset.press_hook)
        order = await app.asked("answer")
        await passes(4.9)
        assert desk.lit() == {"off_hook"}
        await passes(0.2)
        assert desk.lit() == {"ring"}
        assert await app.done(order) == {}
        await app.tell("cleared", "a", cause="call_not_answered", by="remote")
        assert desk.lit() == set()

    (row,) = on_desk(tmp_path, test)
    assert (row["established"], row["cause"]) == (None, "call_not_answered")
