"""The sound of real calls: cards that open while calls come and go, and the blocks of each line's call.

May not analyse or mix, nor touch a sound card: children do (`audio.live`). A card that fails is logged,
counted and opened again; nothing of it reaches the loop but numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace

from audio.analysis.frame import Frame
from audio.live.card import Card, Spawn
from audio.live.process import CardProcess, CardSpec
from audio.live.ring import Samples
from audio.live.sides import Capture, Playback
from audio.mixer import Mixed
from callseat import clock
from callseat.config import AudioBackend, Config, LineConfig
from callseat.listening import BlockListener
from callseat.runtime.service import Service
from state.events import Event
from state.ids import LineId
from state.snapshot import Snapshot
from state.words import Audience, CallState, Channel, MuteState

LINGER_S = 10.0
"""Cards stay open this long after a call, for the next one; a microphone is not left open for ever."""
STOP_S = 1.0
_OVER = (CallState.IDLE, CallState.FAILED)


class LiveCallAudio:
    """One line's call, block by block; `muted` says whether the agent is not to be heard."""

    def __init__(self, headset: Card, line: Card, muted: Callable[[], bool]) -> None:
        self.near_rate = headset.spec.rate
        self.far_rate = line.spec.rate
        self._captures = {Channel.NEAR: Capture(headset), Channel.FAR: Capture(line)}
        self._ear, self._line = Playback(headset), Playback(line)
        self._muted = muted
        self._block_s = 0.0

    def pull(self, at: float, duration_s: float) -> tuple[Samples, Samples]:
        """Near and far of the block that is over at `at + duration_s`; silence for what has not come."""
        self._block_s = duration_s
        near = self._captures[Channel.NEAR].read(at + duration_s, round(duration_s * self.near_rate))
        return near, self._captures[Channel.FAR].read(at + duration_s, round(duration_s * self.far_rate))

    def transmitting(self) -> bool:
        """Whether the agent may be heard: muted nowhere the seat knows of."""
        return not self._muted()

    def push(self, near: Samples, far: Samples, mixed: Mixed, at: float) -> None:
        """Play a mixed block; it begins where it is over."""
        self._ear.write(at + self._block_s, mixed.ear)
        self._line.write(at + self._block_s, mixed.line)

    def close(self) -> None:
        """The call is over; its cards are closed by whoever opened them."""

    def input_latency_s(self, channel: Channel) -> float | None:
        """From the microphone to the end of the last block; None: no card delivered any of it."""
        capture = self._captures[channel]
        return capture.latency_s if capture.heard else None

    def output_latency_s(self, audience: Audience) -> float:
        """From the time of a mixed sample to the time it is heard."""
        return self._block_s + (self._ear if audience is Audience.AGENT else self._line).latency_s


class TrueTimes:
    """A listener that is told when a sound was, not when it came; what no card delivered, it is not told.

    So a silent card stops the watermark, which is a fault, and never a silent customer.
    """

    def __init__(self, inner: BlockListener, latency_s: Callable[[Channel], float | None]) -> None:
        self._inner = inner
        self._latency_s = latency_s

    def push(self, channel: Channel, samples: Samples, at: float) -> Iterable[Event]:
        """Analyse a block that was pulled as the one from `at` on; an event's `at` is when it is told.

        What waited for the other channel is told now, not when it would have been.
        """
        late_s = self._latency_s(channel)
        if late_s is None:
            return ()
        events = self._inner.push(channel, samples, at - late_s)
        return [replace(event, at=max(event.at + late_s, at)) for event in events]

    def take_frames(self, channel: Channel) -> Iterable[Frame]:
        """The frames that the last push finished, with their true times."""
        return self._inner.take_frames(channel)


class LiveSound:
    """The cards of a seat; `on_snapshot` is told every picture, `service` is the beginning and the end."""

    def __init__(self, config: Config, now: Callable[[], float], spawn: Spawn = CardProcess) -> None:
        audio = config.audio
        self.muted = False
        self._headset = Card(CardSpec(audio.headset_in, audio.headset_out, audio.near_rate_hz), now, spawn)
        self._lines = {
            line.id: Card(CardSpec(line.audio_in, line.audio_out, audio.far_rate_hz), now, spawn)
            for line in config.lines
            if has_sound(line)
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: dict[LineId, asyncio.TimerHandle] = {}
        self._busy: set[LineId] = set()

    @property
    def lines(self) -> frozenset[LineId]:
        """The lines with sound."""
        return frozenset(self._lines)

    def open_audio(self, line: LineId) -> LiveCallAudio:
        """The sound of this line's call; its cards are open already, or are silent until they are."""
        return LiveCallAudio(self._headset, self._lines[line], lambda: self.muted)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Open the cards of every line with a call, from its first ring on; take the mute as it is known."""
        self.muted = snapshot.mute.value == MuteState.MUTED
        busy = {call.line for call in snapshot.calls if call.state not in _OVER} & self._lines.keys()
        for line in busy - self._busy:
            if line in self._closing:
                self._closing.pop(line).cancel()
            self._lines[line].want(True)
            self._headset.want(True)
        for line in self._busy - busy:
            later = asyncio.get_running_loop().call_later(LINGER_S, self._let_go, line)
            self._closing[line] = later
        self._busy = busy

    def _let_go(self, line: LineId) -> None:
        del self._closing[line]
        self._lines[line].want(False)
        if not self._busy and not self._closing:
            self._headset.want(False)

    def service(self) -> Service:
        """Started before the first call, stopped after the last block."""
        return Service("sound cards", self._start, self._stop, STOP_S)

    async def _start(self) -> None:
        for card in (self._headset, *self._lines.values()):
            task = asyncio.create_task(card.run(), name=f"card {card.spec.name}")
            task.add_done_callback(_raise_mistake)
            self._tasks.append(task)

    async def _stop(self) -> None:
        for handle in self._closing.values():
            handle.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    def health(self) -> Mapping[str, object]:
        """Every card by what it serves, for `server.info`."""
        cards = [("headset", self._headset), *self._lines.items()]
        return {
            name: {"card": card.spec.name, "pid": _pid(card), **asdict(card.health)} for name, card in cards
        }


def live_sound(config: Config) -> LiveSound | None:
    """The cards the configuration asks for; None where it asks for none."""
    return LiveSound(config, clock.now) if config.audio.backend is AudioBackend.PORTAUDIO else None


def has_sound(line: LineConfig) -> bool:
    """Whether a line is listened to at sound devices."""
    return line.listen and line.audio_in is not None and line.audio_out is not None


def _pid(card: Card) -> int | None:
    return None if card.process is None else card.process.pid


def _raise_mistake(task: asyncio.Task[None]) -> None:
    """A mistake in a card's keeper is as fatal as any other: the loop's handler ends the daemon."""
    if not task.cancelled():
        task.result()
