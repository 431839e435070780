"""The press check without a daemon: what it makes of a connection that ends in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from callseat.api.client import ApiClient
from callseat.diagnosis.presses import check_headset
from callseat.loops import VirtualTimeLoop
from firmware_bridge.transport import gone
from state.errors import TransportError
from tests.virtual import passes

GONE_AT_S = 3.0
VIEW = {"kind": "headset", "features": ["hook", "mute"]}


class LostSeat:
    """A seat with one headset, whose connection ends while a press is waited for."""

    def __init__(self, *, told: bool) -> None:
        self.snapshot: dict[str, Any] = {"devices": {"h1": VIEW}, "calls": {}}
        self._told = told
        self._lost = False

    async def subscribe(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        return self._follow()

    async def _follow(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        await passes(GONE_AT_S)
        self._lost = True
        if not self._told:
            raise gone("the seat", "the connection broke")
        yield "server.closing", {}

    async def call(self, _method: str, _params: object = None) -> dict[str, Any]:
        if self._lost:
            raise gone("the seat", "the connection was closed")
        return {}


@pytest.mark.parametrize("told", [False, True])
def test_a_seat_that_goes_is_no_key_that_did_not_arrive(told: bool) -> None:
    said: list[str] = []

    async def main() -> float:
        client = cast("ApiClient", LostSeat(told=told))
        with pytest.raises(TransportError):
            await check_headset(client, None, said.append, within_s=20.0)
        return asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(main()) == GONE_AT_S
    assert said == ["press the call key once (within 20 s)"]


class QuickFinger:
    """A seat with somebody at every key; a lamp is written LATE_S after its press is told."""

    LATE_S = 0.3

    def __init__(self) -> None:
        self.snapshot: dict[str, Any] = {"devices": {"h1": VIEW}, "calls": {}}
        self._told_at: list[float] = []

    async def subscribe(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        return self._follow()

    async def _follow(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        presses = (
            ("device.hookswitch", {"off_hook": True}),
            ("device.mute", {"muted": True}),
            ("device.mute", {"muted": False}),
        )
        for topic, what in presses:
            await passes(1.0)
            self._told_at.append(asyncio.get_running_loop().time())
            yield topic, {"device": "h1", **what}
        await passes(60.0)

    async def call(self, method: str, _params: object = None) -> dict[str, Any]:
        if method != "server.info":
            return {}
        now = asyncio.get_running_loop().time()
        count = sum(now >= at + self.LATE_S for at in self._told_at)
        return {"ack_ms": {"h1": {"count": count, "p50": 1.0, "max": 2.0}}}


def test_the_last_press_is_counted_though_its_lamp_is_written_later() -> None:
    said: list[str] = []

    async def main() -> dict[str, Any]:
        return await check_headset(cast("ApiClient", QuickFinger()), None, said.append, within_s=20.0)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        told = runner.run(main())
    assert told["ok"]
    assert "3 presses by a lamp" in said[-1]
