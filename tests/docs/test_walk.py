"""The call that docs/architecture.md follows is made, and its bytes are those of the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callseat import clock
from callseat.app import App
from callseat.core import Core
from callseat.runtime.backends import endpoints
from callseat.runtime.parts import Parts
from callseat.scenario.model import ClockSetting
from callseat.scenario.stage import StageClock
from callseat.simulated import SimulatedSeat
from callseat.supervisor import Endpoint, Link
from firmware_bridge.transport import Transport
from state.events import CallDelivered, CallEstablished, HookChanged, ListeningStarted, PromptStarted
from tests.callseat.runtime.seat_kit import HEADSET, LINE, config, run
from tests.docs.pages import marked
from tests.virtual import passes

PAGE = "docs/architecture.md"
RING_AT, PRESS_AT, END_AT = 2.0, 2.3, 4.6
SHOWN_S = 0.5
"""The page shows the bytes up to the connected call."""


class Wire:
    """Notes every byte from the ring on, and which events were decided."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.kinds: list[type] = []

    def traffic(self, port: str, direction: str, data: bytes) -> None:
        at = clock.now()
        if RING_AT <= at < RING_AT + SHOWN_S:
            shown = data.hex(" ") if port == HEADSET else repr(data.decode())[1:-1]
            self.lines.append(f"| {at - RING_AT:.3f} | {port} | {direction} | `{shown}` |")

    def consumed(self, at: float, event: object, effects: object) -> None:
        self.kinds.append(type(event))


class Tapped:
    """A transport whose bytes are noted."""

    def __init__(self, inner: Transport, port: str, wire: Wire) -> None:
        self.inner, self.port, self.wire = inner, port, wire

    async def read(self) -> bytes:
        data = await self.inner.read()
        self.wire.traffic(self.port, "in", data)
        return data

    async def write(self, data: bytes, via: str) -> None:
        self.wire.traffic(self.port, "out", data)
        await self.inner.write(data, via)

    async def aclose(self) -> None:
        await self.inner.aclose()


def tapped(endpoint: Endpoint, wire: Wire) -> Endpoint:
    """The endpoint with its wire noted."""

    async def connect() -> Link:
        link = await endpoint.connect()
        return replace(link, transport=Tapped(link.transport, endpoint.name, wire))

    return replace(endpoint, connect=connect)


def walk(place: Path) -> Wire:
    """Ring, press, wait for the opening's cue."""
    wire = Wire()

    async def main() -> None:
        settings = config(place)
        seat = SimulatedSeat(settings)
        wired = tuple(tapped(each, wire) for each in endpoints(settings, seat))
        parts = Parts(civil=StageClock(ClockSetting(1_760_000_000.0, 28_800)), endpoints=wired)
        app = App(settings, Core(settings.seat), observers=[wire], simulated=seat, parts=parts)

        async def script(_app: App) -> None:
            await passes(RING_AT - clock.now())
            seat.phones[LINE].act(lambda phone, at: phone.ring_in("13800138000", at))
            await passes(PRESS_AT - clock.now())
            seat.headsets[HEADSET].act(lambda headset, at: headset.press_hook(at))
            await passes(END_AT - clock.now())

        await app.run(script)

    run(main())
    return wire


def test_the_bytes_of_the_page_are_those_of_the_call(tmp_path: Path) -> None:
    table = marked(PAGE, "walk").splitlines()
    assert table == ["| at | port | | bytes |", "|---|---|---|---|", *walk(tmp_path).lines]


def test_the_events_come_in_the_order_the_page_tells(tmp_path: Path) -> None:
    told = (CallDelivered, HookChanged, CallEstablished, ListeningStarted, PromptStarted)
    assert [kind for kind in walk(tmp_path).kinds if kind in told] == list(told)
