"""A box so slow that a card's child is over the first limit before its streams run; in virtual time."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from audio.live.card import OPEN_S, Card
from audio.live.process import CardProcess, CardSpec
from callseat.loops import VirtualTimeLoop

SPEC = CardSpec("hw:CARD=MS,DEV=0", None, 16000)
MISSING = "no capture device is called so"
NEEDS_S = 3 * OPEN_S
"""From a child's start to its first callback."""


class SlowChild:
    """A child that takes one of `said`, if there is any; its stream runs NEEDS_S after its start."""

    def __init__(self, loop: asyncio.AbstractEventLoop, said: list[dict[str, Any]]) -> None:
        self._loop, self._said, self._began = loop, said, loop.time()
        self._killed = False

    @property
    def lanes(self) -> tuple[SimpleNamespace, ...]:
        now = self._loop.time()
        runs = now - self._began >= NEEDS_S
        return (SimpleNamespace(callbacks=int(runs), flagged=0, last_stamp=lambda: now),)

    def hear(self) -> dict[str, Any] | None:
        return self._said.pop() if self._said else None

    def ended(self) -> bool:
        return self._killed

    def kill(self) -> None:
        self._killed = True

    def reaped(self) -> bool:
        return self._killed


def test_a_child_that_needs_longer_than_the_limit_gets_it_in_the_end() -> None:
    said = [{"failed": MISSING, "unknown": True}]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        card = Card(SPEC, loop.time, spawn=lambda _: cast("CardProcess", SlowChild(loop, said)))
        keeping = asyncio.create_task(card.run())
        card.want(True)
        told = []
        for _ in range(2):
            await card.tried.wait()
            card.tried.clear()
            told.append((card.health.error, card.health.unknown))
        assert told == [(MISSING, True), (f"no sound within {OPEN_S:g} s of opening", False)]
        async with asyncio.timeout(10 * NEEDS_S):
            while card.process is None:
                card.tried.clear()
                await card.tried.wait()
        assert card.health.starts == 4
        assert card.health.outages == 0
        keeping.cancel()
        await asyncio.wait([keeping])

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
