"""A sound device opened for a diagnosis: its blocks in real time, and its child gone afterwards.

May not judge sound. Devices are opened as a call opens them, by `audio.live`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from audio.live.card import Card
from audio.live.process import CardSpec
from audio.live.sides import Capture
from callseat import clock
from state.errors import ConfigError, TransportError, TransportReason

BLOCK_S = 0.02
"""What a call is handled in."""
FIRST_SOUND_S = 3.0
"""A null sink's monitor takes up to 2 s to run for the first time (measured); a card far less."""


@asynccontextmanager
async def open_card(spec: CardSpec) -> AsyncIterator[Card]:
    """The card, open; ConfigError where no device has the name, TransportError where it cannot be opened."""
    card = Card(spec, asyncio.get_running_loop().time)
    card.want(True)
    keeping = asyncio.create_task(card.run(), name=f"card {spec.name}")
    try:
        await card.tried.wait()
        if card.process is None:
            why = card.health.error
            if card.health.unknown:
                raise ConfigError(f"{why}; `callseat audio devices` lists the names")
            raise TransportError(TransportReason.GONE, f"{spec.name}: {why}")
        yield card
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


async def ticks() -> AsyncIterator[float]:
    """The begin of each block, told when the block is over; a late turn is made up for."""
    start = clock.now()
    number = 0
    while True:
        end = start + (number + 1) * BLOCK_S
        await asyncio.sleep(max(0.0, end - clock.now()))
        yield start + number * BLOCK_S
        number += 1


async def await_sound(capture: Capture, rate: int) -> None:
    """Return at the first block the card delivers; TransportError when none comes."""
    until = clock.now() + FIRST_SOUND_S
    async for begin in ticks():
        capture.read(begin + BLOCK_S, round(BLOCK_S * rate))
        if capture.heard:
            return
        if begin > until:
            raise TransportError(TransportReason.GONE, f"no sound came within {FIRST_SOUND_S:g} s")
