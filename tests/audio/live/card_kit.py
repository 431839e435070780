"""Cards on a real sound server, and a real loop to look after them.

May not assert what a card is for: the tests do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np

from audio.live.card import Card
from audio.live.process import CardProcess, CardSpec
from audio.live.sides import Capture, Playback
from callseat.loops import ScaledLoop

RATE = 8000
BLOCK = 160
BLOCK_S = BLOCK / RATE
LINE = CardSpec("callseat_from_line_monitor", "callseat_to_line", RATE)


def live(main: Callable[[], object]) -> float:
    """Run on a real loop; the longest it kept others waiting."""
    with asyncio.Runner(loop_factory=ScaledLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, ScaledLoop)
        runner.run(main())
        return loop.meter.worst_s


def now() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def kept(*cards: Card) -> AsyncIterator[None]:
    """Cards that are wanted and looked after."""
    tasks = [asyncio.create_task(card.run()) for card in cards]
    for card in cards:
        card.want(True)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)


async def passes(seconds: float) -> None:
    """Let real time pass: a sound lasts as long as it lasts."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        pass


async def opened(card: Card, timeout_s: float = 6.0) -> CardProcess:
    """The child that serves, as soon as there is one."""
    try:
        await until(lambda: card.process, timeout_s)
    except AssertionError as vain:
        raise AssertionError(f"{vain}: {card.health}") from None
    assert card.process is not None
    return card.process


async def until(condition: Callable[[], object], timeout_s: float = 6.0) -> float:
    """Seconds until it was so; fails when the time is up."""
    began = now()
    while not condition():
        assert now() < began + timeout_s, f"waited {timeout_s:g} s in vain"
        await passes(0.002)
    return now() - began


def tone(seconds: float, hertz: float = 1000.0, rate: int = RATE) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


async def blocks(card: Card, seconds: float, put: Callable[[int], np.ndarray] | None = None) -> list:
    """As a call does: each block pulled when it is over, one played; (its end, samples)."""
    capture, playback, start, heard = Capture(card), Playback(card), now(), []
    size = round(BLOCK_S * card.spec.rate)
    for number in range(round(seconds / BLOCK_S)):
        end = start + (number + 1) * BLOCK_S
        await passes(end - now())
        heard.append((end, capture.read(end, size), capture.latency_s))
        playback.write(end, np.zeros(size, np.int16) if put is None else put(number))
    return heard
