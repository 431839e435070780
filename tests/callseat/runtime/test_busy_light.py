"""The busy light's keeper in virtual time: what it shows and when, and that its troubles stay its own."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from callseat import clock
from callseat.runtime.busy_light import (
    FIRST_PAUSE_S,
    HALF_FLASH_S,
    LONGEST_PAUSE_S,
    LOOK_S,
    REFRESH_S,
    BusyLightService,
)
from callseat.runtime.service import Overdue, running
from callseat.runtime.workers import InlineWorker, ThreadWorker
from devices.simulated.busy_light import SimulatedBusyLight
from firmware_bridge.transport import gone
from state.busy import Colour
from state.errors import ConfigError, TransportReason
from state.snapshot import AgentView, Snapshot
from state.words import AgentState, CallState
from tests.callseat.runtime.seat_kit import call, picture, run
from tests.virtual import passes


class StampedLight(SimulatedBusyLight):
    """Notes when it was told, and how often it was looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[float, Colour]] = []
        self.looked: list[float] = []
        self.breaks: Exception | None = None
        self.stuck = False

    def find(self) -> SimulatedBusyLight | None:
        self.looked.append(round(clock.now(), 3))
        if self.breaks is not None:
            raise self.breaks
        return super().find()

    def show(self, colour: Colour) -> None:
        if self.stuck:
            raise gone(self.name, "takes no report")
        super().show(colour)
        self.told.append((round(clock.now(), 3), colour))


def agent(state: AgentState) -> Snapshot:
    return replace(picture(), agent=AgentView("1007", state, "", "", 0.0))


READY, RINGING = agent(AgentState.READY), picture(call(CallState.RINGING))
CONNECTED = picture(call(CallState.CONNECTED))

Act = Callable[[BusyLightService], Awaitable[None]]


def keep(light: StampedLight, act: Act) -> BusyLightService:
    """Run a keeper of this light from its start to its stop."""
    service = BusyLightService(light.find, InlineWorker())

    async def main() -> None:
        overdue = Overdue()
        async with running((service.service(),), overdue):
            await passes(0)
            await act(service)
        assert overdue.names == []

    run(main())
    return service


def test_it_shows_the_seat_and_writes_only_what_differs() -> None:
    light = StampedLight()

    async def act(service: BusyLightService) -> None:
        for at, shown in ((1, READY), (1, READY), (1, CONNECTED), (1, CONNECTED), (1, READY)):
            await passes(at)
            service.on_snapshot(shown)
        await passes(0.1)
        assert service.health() == {
            "light": light.name,
            "shown": Colour.GREEN,
            "errors": 0,
            "error": "",
        }

    keep(light, act)
    assert [colour for _, colour in light.told] == [
        Colour.OFF,
        Colour.GREEN,
        Colour.RED,
        Colour.GREEN,
        Colour.OFF,
    ]
    assert light.opened == 0


def test_a_light_left_lit_by_an_earlier_run_is_put_out_at_the_start_and_ours_at_the_stop() -> None:
    light = StampedLight()
    light.shown.append(Colour.RED)

    async def act(service: BusyLightService) -> None:
        await passes(0.1)
        assert light.colour is Colour.OFF
        service.on_snapshot(READY)
        await passes(0.1)
        assert light.colour is Colour.GREEN

    keep(light, act)
    assert light.colour is Colour.OFF


def test_ringing_flashes_once_a_second_and_ends_at_once() -> None:
    light = StampedLight()

    async def act(service: BusyLightService) -> None:
        await passes(1)
        service.on_snapshot(RINGING)
        await passes(2 * HALF_FLASH_S + 0.1)
        service.on_snapshot(CONNECTED)
        await passes(0.1)

    keep(light, act)
    assert light.told[1:5] == [
        (1.0, Colour.BLUE),
        (1.0 + HALF_FLASH_S, Colour.OFF),
        (1.0 + 2 * HALF_FLASH_S, Colour.BLUE),
        (1.1 + 2 * HALF_FLASH_S, Colour.RED),
    ]


def test_a_steady_light_is_told_again_before_it_would_go_dark() -> None:
    light = StampedLight()

    async def act(service: BusyLightService) -> None:
        service.on_snapshot(READY)
        await passes(3 * REFRESH_S + 1)

    keep(light, act)
    green = [at for at, colour in light.told if colour is Colour.GREEN]
    assert green == pytest.approx([0, REFRESH_S, 2 * REFRESH_S, 3 * REFRESH_S])


def test_a_light_plugged_in_again_shows_what_is_so_now() -> None:
    light = StampedLight()

    async def act(service: BusyLightService) -> None:
        service.on_snapshot(READY)
        await passes(0.1)
        light.unplug()
        await passes(REFRESH_S + 1)
        assert service.health()["light"] == ""
        service.on_snapshot(CONNECTED)
        light.plug()
        await passes(LOOK_S + 1)
        assert light.colour is Colour.RED
        assert service.health()["error"] == ""
        assert service.health()["errors"] == 1

    keep(light, act)


def test_no_light_is_no_error_and_is_looked_for_now_and_then() -> None:
    light = StampedLight()
    light.unplug()

    async def act(service: BusyLightService) -> None:
        await passes(3 * LOOK_S + 1)
        assert service.health()["errors"] == 0
        light.plug()
        service.on_snapshot(READY)
        await passes(LOOK_S)
        assert light.colour is Colour.GREEN

    keep(light, act)
    assert light.looked[:4] == [0, LOOK_S, 2 * LOOK_S, 3 * LOOK_S]


def test_a_light_that_may_not_be_opened_is_tried_with_growing_pauses_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    light = StampedLight()
    light.refuses = TransportReason.DENIED

    async def act(service: BusyLightService) -> None:
        await passes(10 * LONGEST_PAUSE_S)
        assert service.health()["error"] == "simulated busy light: refuses"
        assert service.health()["errors"] == len(light.looked)

    with caplog.at_level(logging.WARNING, "callseat.busy_light"):
        keep(light, act)
    pauses = [after - before for before, after in zip(light.looked, light.looked[1:], strict=False)]
    assert pauses[:7] == pytest.approx([1, 2, 4, 8, 16, 32, 60])
    assert (min(pauses), max(pauses)) == pytest.approx((FIRST_PAUSE_S, LONGEST_PAUSE_S))
    assert len(caplog.records) == 1


def test_a_light_that_fails_at_every_write_is_not_tried_as_fast_as_it_fails() -> None:
    light = StampedLight()

    async def act(_: BusyLightService) -> None:
        light.stuck = True
        await passes(REFRESH_S + 32)

    keep(light, act)
    assert light.looked == [0, *(REFRESH_S + after for after in (1, 3, 7, 15, 31))]
    assert light.opened == 0


def test_a_missing_library_is_named_in_the_health() -> None:
    light = StampedLight()
    light.breaks = ConfigError("[busy_light] backend: not installed")

    async def act(service: BusyLightService) -> None:
        await passes(1)
        assert service.health()["error"] == "[busy_light] backend: not installed"

    keep(light, act)


def test_a_mistake_in_the_library_costs_the_light_and_not_the_seat(
    caplog: pytest.LogCaptureFixture,
) -> None:
    light = StampedLight()
    light.breaks = KeyError("a mistake of somebody else")

    async def act(service: BusyLightService) -> None:
        await passes(1)
        service.on_snapshot(CONNECTED)
        await passes(100)
        assert service.health()["errors"] == 1
        assert service.health()["error"] == "KeyError('a mistake of somebody else')"

    keep(light, act)
    assert len(light.looked) == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_in_a_thread_of_its_own_it_does_the_same() -> None:
    light = SimulatedBusyLight()
    service = BusyLightService(light.find, ThreadWorker("busy-light"))

    async def main() -> None:
        async with running((service.service(),), Overdue()):
            service.on_snapshot(READY)
            await passes(1)
            assert light.colour is Colour.GREEN
        assert light.colour is Colour.OFF

    run(main())
    assert light.opened == 0
