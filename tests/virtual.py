"""Time that passes in a test: on the virtual loop, where it costs nothing and is exact.

May not pass real time: on a real clock a test waits for a condition.
"""

from __future__ import annotations

import asyncio

from callseat.loops import VirtualTimeLoop


async def passes(seconds: float) -> None:
    """Let virtual time pass; AssertionError on any other loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop), "real time would pass here: wait for a condition"
    await asyncio.sleep(seconds)
