"""Two apps, and a cable: complaints 2 and 15 of docs/complaints.md, on the whole daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from callseat import clock
from callseat.app import App
from callseat.config import HeadsetConfig
from callseat.core.core import Core
from callseat.loops import ScaledLoop
from callseat.runtime.parts import Parts
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from callseat.simulated import SimulatedSeat
from devices.hid.engine import HeadsetEngine
from devices.simulated.headset_models import HEADSETS, simulate_headset
from state.commands import AcquireHeadset, Lamps, ReleaseHeadset, ShowHeadset, SignIn
from state.effects import Effect
from state.events import CommandRequested, Event
from tests.callseat.api.seat import Raw, until
from tests.callseat.runtime.seat_kit import HEADSET, LINE, config, run
from tests.complaints import anchors
from tests.state.driver import OFF
from tests.virtual import passes

CIVIL = StageClock(ClockSetting(1_760_000_000.0, 28_800))
LIT = ("poly_bt700", "blackwire_3220", "jabra_evolve_link", "jabra_biz_2400", "sennheiser_sc660")
"""Simulated headsets whose descriptor names a ring and a mute lamp."""


class EverybodysHeadset(Core):
    """WICG/webhid issue 60: whoever opens the headset writes to it, and nobody knows of the others."""

    def handle(self, event: Event) -> tuple[Effect, ...]:
        asked = isinstance(event, CommandRequested)
        if asked and isinstance(event.command, AcquireHeadset | ReleaseHeadset | ShowHeadset):
            event = replace(event, source="anybody")
        return super().handle(event)


# 2: two apps -----------------------------------------------------------------------------------------


async def two_apps(app: App, path: Path) -> None:
    """A softphone holds the headset, a browser wants it, the softphone crashes."""
    await until(lambda: bool(app.core.snapshot().devices))
    softphone, browser = [Raw(*await asyncio.open_unix_connection(path)) for _ in range(2)]
    headset = app.simulated.headsets[HEADSET].model
    try:
        taken = await softphone.ask("headset.acquire", {"device": HEADSET, "app": "Softphone"})
        assert "error" not in taken, taken
        wanted = await browser.ask("headset.acquire", {"device": HEADSET, "app": "Browser"})
        assert "error" in wanted, "a second app got the headset"
        assert wanted["error"]["data"]["kind"] == "held"
        assert "Softphone" in wanted["error"]["message"]
        await softphone.ask("headset.show", {"device": HEADSET, "ring": True})
        await until(lambda: headset.lamps.ring)
        refused = await browser.ask("headset.show", {"device": HEADSET})
        assert refused["error"]["data"]["kind"] == "held"
        assert headset.lamps.ring, "a second app wrote to the headset"
        await softphone.close()  # the process is gone, and had no chance to say so
        await until(lambda: headset.lamps == Lamps())
        freed = await browser.ask("headset.acquire", {"device": HEADSET, "app": "Browser"})
        assert "error" not in freed, freed
        assert app.core.snapshot().devices[0].holder == "Browser"
    finally:
        await softphone.close()
        await browser.close()


def serve(tmp_path: Path, core: type[Core], script: Callable[[App, Path], Awaitable[None]]) -> None:
    """A daemon with a real socket."""
    settings = config(tmp_path, seat=OFF)

    async def main() -> None:
        parts = Parts(civil=CIVIL, serve_socket=True)
        app = App(settings, core(settings.seat), simulated=SimulatedSeat(settings), parts=parts)
        await app.run(lambda running: script(running, settings.socket_path))

    with asyncio.Runner(loop_factory=lambda: ScaledLoop(1.0)) as runner:
        runner.run(main())


def expect_held_or_failed(act: Callable[[], None], because: str) -> None:
    """Ours holds; an anchor's daemon ends with the scenario's own words, out of its task groups."""
    if not because:
        act()
        return
    with pytest.raises(ExceptionGroup) as failed:
        act()
    error = _inmost(failed.value)
    assert isinstance(error, AssertionError), error
    assert because in str(error)


def _inmost(error: BaseException) -> BaseException:
    if isinstance(error, BaseExceptionGroup):
        return _inmost(error.exceptions[0])
    return error.__cause__ or error


@pytest.mark.parametrize(
    ("core", "because"), [(Core, ""), (EverybodysHeadset, "a second app got the headset")]
)
def test_c02_a_second_app_is_refused_by_name_and_a_crash_frees_the_headset(
    tmp_path: Path, core: type[Core], because: str
) -> None:
    expect_held_or_failed(lambda: serve(tmp_path, core, two_apps), because)


# 15: a cable -----------------------------------------------------------------------------------------


async def cable(app: App) -> None:
    """Pulled out while it rings, in the call, and in the call muted; each time another one is put in."""
    port, phone = app.simulated.headsets[HEADSET], app.simulated.phones[LINE]
    kit = HEADSETS[app.config.headsets[0].model]
    app.post(CommandRequested(clock.now(), "app", SignIn("8001")))

    async def replug(away_s: float) -> None:
        port.unplug()
        await passes(away_s)
        assert app.core.snapshot().devices == ()
        port.plug(simulate_headset(kit))
        await passes(1.0)
        assert len(app.core.snapshot().devices) == 1

    await passes(1.0)
    phone.act(lambda model, at: model.ring_in("13800138000", at))
    await passes(1.0)
    await replug(5.0)
    assert port.model.lamps.ring, "it rings, and the headset that came does not show it"
    port.act(lambda model, at: model.press_hook(at))
    await passes(3.0)
    assert [view.state for view in app.core.snapshot().calls] == ["connected"]
    for away_s in (0.05, 3.0, 30.0):
        await replug(away_s)
        assert port.model.lamps.off_hook, "in a call, and the headset that came is dark"
        assert [view.state for view in app.core.snapshot().calls] == ["connected"]
    port.act(lambda model, at: model.press_mute(at))
    await passes(1.0)
    await replug(3.0)
    assert port.model.lamps.mute, "muted, and the headset that came is live"
    assert port.model.muted
    assert app.core.snapshot().mute.value == "muted"
    port.act(lambda model, at: model.press_mute(at))
    await passes(3.0)
    assert app.core.snapshot().mute.value == "live"
    port.act(lambda model, at: model.press_hook(at))
    await passes(2.0)
    assert app.core.snapshot().calls == ()
    assert port.model.lamps == Lamps()


def with_cable(model: str) -> None:
    settings = config(seat=OFF, headsets=(HeadsetConfig(HEADSET, model=model),))

    async def main() -> None:
        simulated = SimulatedSeat(settings)
        await App(settings, Core(settings.seat), simulated=simulated, parts=Parts(civil=CIVIL)).run(cable)

    run(main())


@pytest.mark.parametrize("model", LIT)
@pytest.mark.parametrize(
    ("engine", "because"), [(HeadsetEngine, ""), (anchors.GonnectIdleOnOpen, "does not show it")]
)
def test_c15_a_headset_that_is_put_back_in_a_call_shows_the_call(
    model: str, engine: type[HeadsetEngine], because: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callseat.runtime.headsets.HeadsetEngine", engine)
    expect_held_or_failed(lambda: with_cable(model), because)
