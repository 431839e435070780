"""What a live call costs: `callseat run` on null sinks of a real PulseAudio, every analyser on.

Printed: share of a core of the daemon, of its two children and of the server, what came too late, memory.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.audio.live.live_seat import PLAYER_MS, SINKS, lasts  # noqa: E402  the checkout must be found
from tests.audio.live.recorded_call import FAR_RATE, NEAR_RATE, Samples, everyday  # noqa: E402  the same
from tests.peers.desk import Desk  # noqa: E402  the same
from tests.peers.pulse import Pulse, need_pyaudio, pulse  # noqa: E402  the same

SEAT = f"""
[[line]]
id = "desk"
audio_in = "callseat_from_line_monitor"
audio_out = "callseat_to_line"
[[headset]]
id = "headset"
[audio]
backend = "portaudio"
headset_in = "mouth_monitor"
headset_out = "ear"
near_rate_hz = {NEAR_RATE}
far_rate_hz = {NEAR_RATE}
[silent_call]
mode = "off"
"""
WARM_S = 60.0
"""Windows fill, and the first speech is heard."""
CALL_S = 180.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Spent:
    """Of one process: CPU seconds so far, bytes resident."""

    cpu_s: float
    resident: int


def main() -> None:
    """Print one line for each process and one for each card."""
    need_pyaudio()
    with tempfile.TemporaryDirectory(prefix="cs-") as folder, pulse(Path(folder), *SINKS) as server:
        asyncio.run(measured(server))


async def measured(server: Pulse) -> None:
    """One call of CALL_S, after WARM_S of it."""
    async with Desk(SEAT, server.env) as desk:
        await desk.ask("simulated.act", act="ring", number="13800138000")
        await desk.rings()
        await desk.press()
        await desk.calls("connected")
        plays_for(server, WARM_S + CALL_S + 10.0)
        await lasts(WARM_S)
        assert desk.daemon.process is not None
        daemon = desk.daemon.process.pid
        cards = (await desk.ask("server.info"))["sound"]
        watched = {"daemon": daemon, "PulseAudio": server.pid}
        watched |= {f"child of {name}": card["pid"] for name, card in cards.items()}
        before = {name: spent(pid) for name, pid in watched.items()}
        await lasts(CALL_S)
        told(before, {name: spent(pid) for name, pid in watched.items()})
        late(cards, await desk.ask("server.info"))


def plays_for(server: Pulse, lasts_s: float) -> None:
    """The everyday call, again and again, into both sinks."""
    call = everyday()
    for sink, samples, rate in (("mouth", call.near, NEAR_RATE), ("callseat_from_line", call.far, FAR_RATE)):
        server.play(sink, repeated(samples, round(lasts_s * rate)), rate, PLAYER_MS)


def repeated(samples: Samples, size: int) -> Samples:
    """So many samples of the same again and again."""
    return np.tile(samples, size // len(samples) + 1)[:size]


def spent(pid: int) -> Spent:
    """proc(5): utime and stime of stat, resident pages of statm."""
    times = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return Spent((int(times[11]) + int(times[12])) / TICKS, pages * os.sysconf("SC_PAGE_SIZE"))


def told(before: Mapping[str, Spent], after: Mapping[str, Spent]) -> None:
    """Shares of a core, and growth."""
    for name, then in before.items():
        share = (after[name].cpu_s - then.cpu_s) / CALL_S
        grown = (after[name].resident - then.resident) / 1e6
        print(f"{name:18} {share:6.2%} of a core, {after[name].resident / 1e6:5.1f} MB ({grown:+.2f})")


def late(then: Mapping[str, Any], info: Mapping[str, Any]) -> None:
    """What did not come in time, and how long the loop was ever held up."""
    for name, card in info["sound"].items():
        counts = {
            side: card[side]["missing"] - then[name][side]["missing"] for side in ("capture", "playback")
        }
        print(f"{name:18} xruns {card['xruns'] - then[name]['xruns']}, samples missing {counts}")
    print(
        f"load of the machine {os.getloadavg()[0]:.1f}; longest turn {1000 * info['slow']['worst_s']:.1f} ms"
    )


if __name__ == "__main__":
    try:
        main()
    except pytest.skip.Exception as reason:
        sys.exit(f"not measured: {reason}")
