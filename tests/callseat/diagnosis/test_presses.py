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
