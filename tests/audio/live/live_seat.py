"""A whole daemon on simulated devices that hears a recorded call: on a sound server, or in virtual time.

May not look at what the listener does: an observer tells, as it tells the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from audio.listener import Listener
from audio.live.ring import BlockReader
from audio.mixer import CallMixer, Mixed
from callseat.app import App
from callseat.assembly import Assembly, assemble
from callseat.config import AudioBackend, AudioConfig, LineConfig, PromptsConfig
from callseat.listening import Hearing
from callseat.loops import ScaledLoop, VirtualTimeLoop
from callseat.runtime import live_audio
from state.words import Audience, CallState, Channel
from tests.audio.live.recorded_call import (
    FAR_RATE,
    LEAD_S,
    NEAR_RATE,
    Account,
    RecordedCall,
    Samples,
    halves,
    shift_s,
)
from tests.callseat.runtime.seat_kit import HEADSET, LINE, config
from tests.peers.pulse import Pulse, Recorder

PLAYER_MS = 200
"""What the players keep at the server: a busy machine must not tear holes into what is played."""
STEADY_S = 0.005
"""Both halves of what was played lie this near to each other, or the player was held up."""
HICCUP_S = 0.02
"""Less silence than one frame in place of sound that came late changes no verdict."""
SLOW_BOX_S = 0.055
"""What a daemon on a box that is often late has learnt to wait for sound (`Margin`), known from the start."""
SINKS = ("mouth", "ear")
SOUND = AudioConfig(AudioBackend.PORTAUDIO, headset_in="mouth_monitor", headset_out="ear")
LINES = (LineConfig(LINE, audio_in="callseat_from_line_monitor", audio_out="callseat_to_line"),)
WALL_S = 1_760_000_000.0


@dataclass(slots=True)
class Heard:
    """What came of a call: verdicts, the cards' health, the samples, and where those are in the recording.

    `near_s`, `far_s`: the place of the first sample that was analysed; `origin`: when that of near sounded.
    """

    account: Account
    taken: Taken
    health: Mapping[str, Any] = field(default_factory=dict)
    slowest_turn_s: float = 0.0
    near_s: float = 0.0
    far_s: float = 0.0
    origin: float = 0.0
    steady: bool = True

    @property
    def torn(self) -> str:
        """What the machine did not let through in real time; empty: it is whole."""
        missing_s = max(
            self.health["headset"]["capture"]["missing"] / NEAR_RATE,
            self.health[LINE]["capture"]["missing"] / FAR_RATE,
        )
        if missing_s >= HICCUP_S:
            return f"{1000 * missing_s:.0f} ms of it came too late"
        return "" if self.steady else "the player was held up"

    @property
    def mended(self) -> str:
        """What was put right on the way, and so is no longer what was sent; empty: nothing."""
        told = {card: each["capture"] for card, each in self.health.items()}
        return "".join(f"{card} {each}" for card, each in told.items() if each["missing"] or each["nudged"])


@dataclass(slots=True)
class Taken:
    """The blocks that were pulled from both cards; `lost`: some of them had nothing in them."""

    near: list[Samples] = field(default_factory=list)
    far: list[Samples] = field(default_factory=list)
    lost: bool = False

    def call(self) -> RecordedCall:
        """What the listener was given."""
        return RecordedCall(np.concatenate(self.near), np.concatenate(self.far))


class Tracks:
    """The sound of a call that is pushed block by block as it was recorded."""

    near_rate, far_rate = NEAR_RATE, FAR_RATE

    def __init__(self, call: RecordedCall) -> None:
        self._rest = call

    def pull(self, at: float, duration_s: float) -> tuple[Samples, Samples]:
        near, far = round(duration_s * NEAR_RATE), round(duration_s * FAR_RATE)
        block = _filled(self._rest.near[:near], near), _filled(self._rest.far[:far], far)
        self._rest = self._rest.since(duration_s, duration_s)
        return block

    def transmitting(self) -> bool:
        return True

    def push(self, near: Samples, far: Samples, mixed: Mixed, at: float) -> None:
        """Nobody hears it."""

    def input_latency_s(self, channel: Channel) -> float | None:
        return 0.0

    def output_latency_s(self, audience: Audience) -> float:
        return 0.0

    def close(self) -> None:
        """The call is over."""


def _filled(samples: Samples, size: int) -> Samples:
    return np.concatenate((samples, np.zeros(size - len(samples), np.int16)))


def seat(folder: Path, **changes: Any) -> Assembly:
    """A seat with a simulated phone and headset that shows its prompts."""
    settings = config(folder, prompts=PromptsConfig(folder / "cache", speak=False), **changes)
    return assemble(settings, wall_s=WALL_S, session="live", records=False, journal=False)


def live_seat(folder: Path) -> Assembly:
    """The same, with its sound on the null sinks of a server whose environment is ours."""
    return seat(folder, audio=SOUND, lines=LINES)


def heard_in_virtual_time(call: RecordedCall, folder: Path) -> Account:
    """The verdicts on a call whose recording begins where listening does."""
    account = Account()
    hearing = Hearing(
        lambda: Tracks(call),
        lambda audio: Listener(LINE, audio.near_rate, audio.far_rate),
        lambda audio: CallMixer(audio.near_rate, audio.far_rate, None, LINE),
    )
    desk = seat(folder)

    async def script(app: App) -> None:
        await rings(app)
        press_hook(app)
        await lasts(call.lasts_s)

    async def main() -> None:
        await desk.app(observers=[account], serve_socket=False, hearings={LINE: hearing}).run(script)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())
    return account


def heard_live(server: Pulse, call: RecordedCall, folder: Path) -> Heard:
    """The same recording, played into both null sinks in real time."""
    heard = Heard(Account(), Taken())
    desk = live_seat(folder)

    async def script(app: App) -> None:
        await rings(app)
        await until(lambda: all(each["state"] == "open" for each in sound(app).values()))
        began = asyncio.get_running_loop().time()
        await asyncio.to_thread(plays, server, call)
        await lasts(began + LEAD_S - asyncio.get_running_loop().time())
        press_hook(app)
        await lasts(began + call.lasts_s - asyncio.get_running_loop().time())
        heard.health, heard.slowest_turn_s = sound(app), app.watch.worst_s

    with (
        server.record("mouth.monitor", NEAR_RATE) as mouth,
        server.record("callseat_from_line.monitor", FAR_RATE) as line,
        tapped(heard.taken),
        mock.patch.object(BlockReader, "LEAST_S", SLOW_BOX_S),
    ):
        run_live(desk, script, heard.account)
        began, near_steady = placed(mouth, call.near, NEAR_RATE)
        _, far_steady = placed(line, call.far, FAR_RATE)
    taken = heard.taken.call()
    heard.near_s = shift_s(call.near, taken.near, NEAR_RATE)
    heard.far_s = shift_s(call.far, taken.far, FAR_RATE)
    heard.origin, heard.steady = began + heard.near_s, near_steady and far_steady
    return heard


@contextmanager
def tapped(taken: Taken) -> Iterator[None]:
    """Keep every block that is pulled from a card, as the listener is given it."""

    class Tapped(live_audio.LiveCallAudio):
        def pull(self, at: float, duration_s: float) -> tuple[Samples, Samples]:
            near, far = super().pull(at, duration_s)
            taken.near.append(near)
            taken.far.append(far)
            taken.lost |= any(self.input_latency_s(channel) is None for channel in Channel)
            return near, far

    with mock.patch.object(live_audio, "LiveCallAudio", Tapped):
        yield


def run_live(desk: Assembly, script: Callable[[App], Awaitable[None]], *observers: Account) -> float:
    """A daemon in real time; the longest turn of its loop."""

    async def main() -> float:
        app = desk.app(observers=observers, serve_socket=False)
        await app.run(script)
        return app.watch.worst_s

    with asyncio.Runner(loop_factory=ScaledLoop) as runner:
        return runner.run(main())


def plays(server: Pulse, call: RecordedCall) -> None:
    """Begin to play both channels of a call, and nothing else, into the sinks of microphone and line."""
    server.hush()
    server.play("mouth", call.near, NEAR_RATE, latency_ms=PLAYER_MS)
    server.play("callseat_from_line", call.far, FAR_RATE, latency_ms=PLAYER_MS)


def placed(recorder: Recorder, sent: Samples, rate: int) -> tuple[float, bool]:
    """When the first sample of what was sent sounded, and whether all of it followed without a stop."""
    heard = recorder.samples()
    shifts = [shift_s(heard, half, rate) for half in halves(sent)]
    steady = abs(shifts[1] - shifts[0] - len(sent) // 2 / rate) < STEADY_S
    return recorder.began() + shifts[0], steady


def sound(app: App) -> Mapping[str, Any]:
    """The cards, as `server.info` has them."""
    told: Mapping[str, Any] = app._health()["sound"]
    return told


async def rings(app: App) -> None:
    """A call comes in."""
    assert app.simulated is not None
    app.simulated.phones[LINE].act(lambda phone, at: phone.ring_in("13800138000", at))
    await until(lambda: any(each.state is CallState.RINGING for each in app.core.snapshot().calls))
    await lasts(1.0)  # longer than any window in which a press may be the answer to a lamp


def press_hook(app: App) -> None:
    """The agent takes the call, or ends it."""
    assert app.simulated is not None
    app.simulated.headsets[HEADSET].act(lambda headset, at: headset.press_hook(at))


async def until(condition: Callable[[], object], timeout_s: float = 15.0) -> float:
    """Seconds until it was so; fails when the time is up."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not condition():
        assert loop.time() < began + timeout_s, f"waited {timeout_s:g} s in vain"
        await lasts(0.01)
    return loop.time() - began


async def lasts(seconds: float) -> None:
    """Sound takes its time."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        pass
