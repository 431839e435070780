"""The audio service: while a call is connected its blocks are analysed, mixed with prompts and played.

May not decide when to speak or what silence means: it is told by effects and tells by events.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.analysis.frame import Frame
from audio.mixer import CallMixer, Mixed
from audio.wav import Recording
from callseat import clock
from callseat.ports import Post
from callseat.runtime.measuring import CallMeasuring
from callseat.runtime.reading import reading_time_s
from callseat.runtime.workers import Worker
from state.effects import PlayPrompt, PreparePrompt, StopPrompt
from state.errors import ConfigError, ProtocolReason
from state.events import (
    EffectFailed,
    Event,
    ListeningStarted,
    ListeningStopped,
    PromptFinished,
    PromptStarted,
)
from state.ids import LineId, PromptId, RecordId
from state.snapshot import CallView, Snapshot
from state.words import Audience, CallState, Channel

Samples = NDArray[np.int16]

BLOCK_S = 0.02
"""One block: what the speech detector takes, and how late a decision may be."""
BACKLOG_S = 3.5
"""Blocks that are later are left out; the ring of a card keeps 4.1 s at 16 kHz (`audio.live.layout`)."""
RENDERED_KEPT = 256
"""Phrases kept in memory: all of a phrasebook, and a day's names; the file cache holds the rest (ours)."""
SOURCE = "audio"
_log = logging.getLogger("callseat.audio")
Order = Callable[[CallMixer], Iterable[Event]]
"""Something to do with a mixer; what it has to tell at once."""


class CallAudio(Protocol):
    """The sound of one line's call: what comes in from both sides, where ear and line are played."""

    @property
    def near_rate(self) -> int:
        """Samples per second of microphone and ear."""
        ...

    @property
    def far_rate(self) -> int:
        """Samples per second of the line."""
        ...

    def pull(self, at: float, duration_s: float) -> tuple[Samples, Samples]:
        """Near and far samples of the block that began at `at` and is over now."""
        ...

    def transmitting(self) -> bool:
        """Whether near audio reaches the line."""
        ...

    def push(self, near: Samples, far: Samples, mixed: Mixed, at: float) -> None:
        """Play a mixed block; near and far are what it was mixed from."""
        ...

    def input_latency_s(self, channel: Channel) -> float | None:
        """How much earlier the last block was sound than it was pulled as; None: it was no sound at all."""
        ...

    def output_latency_s(self, audience: Audience) -> float:
        """From the time of a mixed sample to the time it is heard."""
        ...

    def close(self) -> None:
        """The call is over."""
        ...


class BlockListener(Protocol):
    """Analyses both channels of one call."""

    def push(self, channel: Channel, samples: Samples, at: float) -> Iterable[Event]:
        """What became known with this block, whose first sample was at `at`."""
        ...

    def take_frames(self, channel: Channel) -> Iterable[Frame]:
        """The frames that the last push finished, once."""
        ...


class Speech(Protocol):
    """Turns text into sound; blocking, cached."""

    def render(self, phrase: str, text: str, language: str) -> Recording | None:
        """The sound, or None where nothing can speak this; ConfigError for an unusable recording."""
        ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """How one line is listened to: opened anew for every connected call."""

    open_audio: Callable[[], CallAudio]
    open_listener: Callable[[CallAudio], BlockListener]
    open_mixer: Callable[[CallAudio], CallMixer]


class ListeningService:
    """Listens to every line that has a connected call, and says prompts."""

    def __init__(
        self,
        lines: Mapping[LineId, Hearing],
        post: Post,
        worker: Worker,
        *,
        speech: Speech | None = None,
        block_s: float = BLOCK_S,
    ) -> None:
        self._lines = dict(lines)
        self._post = post
        self._worker = worker
        self._speech = speech
        self._block_s = block_s
        self._sessions: dict[LineId, _Session] = {}
        self._measured: dict[RecordId, CallMeasuring] = {}
        self._prompts: dict[PromptId, _Prompt] = {}
        self._rendered: dict[tuple[str, str, str], asyncio.Task[Recording | None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._closed = False

    async def run(self) -> None:
        """Serve until cancelled; every session and prompt is a task of this one."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await asyncio.get_running_loop().create_future()
        finally:
            self._group = None

    async def aclose(self) -> None:
        """Stop every session and wait until its sound is closed; nothing is listened to from now on."""
        self._closed = True
        tasks = [session.task for session in self._sessions.values() if session.task is not None]
        self._listen_to({})
        await asyncio.gather(*tasks)

    async def prepare(self, phrases: Iterable[tuple[str, str, str]]) -> int:
        """Render (phrase, text, language) ahead, so that a first sample is on time; how many speak."""
        sounds = [await self._render(*key) for key in phrases]
        return sum(sound is not None for sound in sounds)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Listen to exactly the lines that have a connected call."""
        if self._closed:
            return
        up = {call.record for call in snapshot.calls}
        self._measured = {record: each for record, each in self._measured.items() if record in up}
        wanted: dict[LineId, CallMeasuring] = {}
        for call in snapshot.calls:
            if call.state is CallState.CONNECTED:
                wanted.setdefault(call.line, self._measuring(call))
        self._listen_to(wanted)

    def _measuring(self, call: CallView) -> CallMeasuring:
        """The measures of a call, from its answer until it is gone."""
        measuring = self._measured.setdefault(call.record, CallMeasuring(call.line, call.call))
        measuring.call = call.call
        return measuring

    def _listen_to(self, wanted: Mapping[LineId, CallMeasuring]) -> None:
        for line in [line for line in self._sessions if line not in wanted]:
            self._sessions.pop(line).stop("not connected")
        for line, hearing in self._lines.items():
            if line not in wanted:
                continue
            if line in self._sessions:
                self._sessions[line].measure(wanted[line])
            elif self._group is not None:
                session = _Session(line, hearing, self._post, self._worker, self._block_s, wanted[line])
                self._sessions[line] = session
                session.task = self._group.create_task(session.run(), name=f"listen to {line}")

    def ready(self, effect: PreparePrompt) -> None:
        """Render what will be due; whoever plays it waits for this."""
        self._rendering((effect.phrase, effect.text, effect.language))

    def play(self, effect: PlayPrompt) -> None:
        """Say a prompt; its first sample is due now."""
        if self._group is None:
            raise RuntimeError("a prompt before the listening service runs")
        prompt = _Prompt(effect, clock.now())
        self._prompts[effect.prompt] = prompt
        prompt.task = self._group.create_task(self._say(prompt), name=f"prompt {effect.prompt}")

    def stop(self, effect: StopPrompt) -> None:
        """Stop a prompt; where it is, it ends with completed=False, and nothing happens if it is over."""
        prompt = self._prompts.pop(effect.prompt, None)
        at = clock.now()
        if prompt is not None:
            if prompt.task is not None:
                prompt.task.cancel()
            self._post(prompt.finished(at, completed=False))
            return
        for session in self._sessions.values():
            session.order(lambda mixer: mixer.stop(effect.prompt, at))

    async def _say(self, prompt: _Prompt) -> None:
        effect = prompt.effect
        sound = await self._render(effect.phrase, effect.text, effect.language)
        # The picture that connects a call is shown after the effects of the same decision.
        await asyncio.sleep(0)
        session = self._session_for(effect.line)
        if sound is not None and session is not None:
            del self._prompts[effect.prompt]
            session.order(_playing(effect, sound, prompt.due))
            return
        if effect.audience is Audience.LINE:
            del self._prompts[effect.prompt]
            self._post(_unsaid(effect, "no voice for it" if sound is None else "no call on the line"))
            return
        lasts_s = reading_time_s(effect.text) if sound is None else sound.duration_s
        self._post(PromptStarted(clock.now(), SOURCE, effect.prompt, effect.audience, effect.line))
        await asyncio.sleep(lasts_s)
        del self._prompts[effect.prompt]
        self._post(prompt.finished(clock.now(), completed=True))

    async def _render(self, phrase: str, text: str, language: str) -> Recording | None:
        return await asyncio.shield(self._rendering((phrase, text, language)))

    def _rendering(self, key: tuple[str, str, str]) -> asyncio.Task[Recording | None]:
        """The one rendering of a phrase, begun when it is first asked for."""
        if key not in self._rendered:
            if self._group is None:
                raise RuntimeError("a prompt before the listening service runs")
            self._rendered[key] = self._group.create_task(self._sound(*key), name=f"render {key[0]}")
            while len(self._rendered) > RENDERED_KEPT:
                del self._rendered[next(iter(self._rendered))]
        return self._rendered[key]

    async def _sound(self, phrase: str, text: str, language: str) -> Recording | None:
        if self._speech is None:
            return None
        try:
            return await asyncio.to_thread(self._speech.render, phrase, text, language)
        except ConfigError as error:
            _log.warning("%s; it is shown, not spoken", error)
            return None

    def _session_for(self, line: LineId | None) -> _Session | None:
        """The session of this line; a prompt for the ear alone goes with whatever call is heard."""
        if line is not None:
            return self._sessions.get(line)
        return next(iter(self._sessions.values()), None)


@dataclass(slots=True)
class _Prompt:
    """A prompt that is not in a mixer: being rendered, or only read."""

    effect: PlayPrompt
    due: float
    task: asyncio.Task[None] | None = None

    def finished(self, at: float, *, completed: bool) -> PromptFinished:
        effect = self.effect
        return PromptFinished(at, SOURCE, effect.prompt, effect.audience, at, completed, effect.line)


class _Session:
    """One connected call being listened to: block n is handled when it is over, at start + (n + 1) blocks.

    The mixer and the listener are touched by the worker alone; what the loop wants of them waits for a block.
    """

    def __init__(
        self,
        line: LineId,
        hearing: Hearing,
        post: Post,
        worker: Worker,
        block_s: float,
        measuring: CallMeasuring,
    ) -> None:
        self.task: asyncio.Task[None] | None = None
        self._line = line
        self._post = post
        self._worker = worker
        self._block_s = block_s
        self._hearing = hearing
        self._orders: deque[Order] = deque()
        self._wanted = measuring
        self._measuring = measuring
        """The worker's; `_wanted` is the loop's."""
        self._coming: list[Event] = []
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Listen until `stop`."""
        start = clock.now()
        self._post(ListeningStarted(start, SOURCE, self._line))
        # Making detectors and filters takes longer than a turn of the loop may: it is the worker's too.
        await self._worker.run(partial(self._open, start))
        blocks = 0
        while not await self._ended_before(start + (blocks + 1) * self._block_s):
            blocks += self._too_late(start + blocks * self._block_s)
            at = start + blocks * self._block_s
            blocks += 1
            for event in await self._worker.run(partial(self._block, at)):
                if not self._ended.is_set() or isinstance(event, PromptStarted | PromptFinished):
                    self._coming.append(event)
            self._tell(clock.now() + clock.ROUNDING_S)
        now = clock.now()
        self._coming = [replace(event, at=min(event.at, now)) for event in self._coming]
        self._coming += await self._worker.run(partial(self._close, now))
        self._tell(clock.now() + clock.ROUNDING_S)

    def _too_late(self, at: float) -> int:
        """How many blocks from `at` on to leave out: nobody catches up with all of a long hold-up."""
        late_s = clock.now() - at
        if late_s <= BACKLOG_S:
            return 0
        _log.warning("line %s: %.1f s of sound are left out, nobody had time for them", self._line, late_s)
        return int(late_s / self._block_s) - 1

    def _tell(self, until: float) -> None:
        """Tell what has happened by now: what was mixed is heard a card's latency later."""
        due = [event for event in self._coming if event.at <= until]
        self._coming = [event for event in self._coming if event.at > until]
        for event in due:
            self._post(event)

    def stop(self, reason: str) -> None:
        """End the session; prompts in it end unfinished."""
        self._ended.set()
        self._post(ListeningStopped(clock.now(), SOURCE, self._line, reason))

    def order(self, order: Order) -> None:
        """Do something with the mixer before its next block."""
        self._orders.append(order)

    def measure(self, measuring: CallMeasuring) -> None:
        """The call that is heard from now on; another one where two were swapped."""
        if measuring is not self._wanted:
            self._wanted = measuring
            self.order(lambda _: self._swap(measuring, clock.now()))

    async def _ended_before(self, end: float) -> bool:
        if clock.now() >= end:
            return self._ended.is_set()
        try:
            async with asyncio.timeout_at(end):
                return await self._ended.wait()
        except TimeoutError:
            return False

    def _open(self, at: float) -> None:
        self._audio = self._hearing.open_audio()
        self._listener = self._hearing.open_listener(self._audio)
        self._mixer = self._hearing.open_mixer(self._audio)
        self._measuring.begin(self, at, self._audio.near_rate, self._audio.far_rate)

    def _swap(self, measuring: CallMeasuring, at: float) -> Iterable[Event]:
        told = self._measuring.end(self, at)
        self._measuring = measuring
        measuring.begin(self, at, self._audio.near_rate, self._audio.far_rate)
        return told

    def _block(self, at: float) -> list[Event]:
        told = self._obey()
        near, far = self._audio.pull(at, self._block_s)
        mixed = self._mixer.mix(near, far, at, self._audio.transmitting())
        self._audio.push(near, far, mixed, at)
        heard = [*self._listener.push(Channel.NEAR, near, at), *self._listener.push(Channel.FAR, far, at)]
        for channel in Channel:
            self._measuring.hear(channel, self._listener.take_frames(channel))
        told += (*mixed.events, *heard)
        self._measuring.follow(told)
        return told + self._measuring.due(at + self._block_s)

    def _close(self, at: float) -> list[Event]:
        told = self._obey()
        told += self._mixer.close(at)
        self._audio.close()
        self._measuring.follow(told)
        return told + self._measuring.end(self, at)

    def _obey(self) -> list[Event]:
        told: list[Event] = []
        while self._orders:
            told += self._orders.popleft()(self._mixer)
        return told


def _unsaid(effect: PlayPrompt, why: str) -> EffectFailed:
    """The customer heard nothing: whoever counts on this prompt must know."""
    at = clock.now()
    return EffectFailed(at, SOURCE, "PlayPrompt", effect.prompt, ProtocolReason.NOT_SUPPORTED, detail=why)


def _playing(effect: PlayPrompt, sound: Recording, due: float) -> Order:
    def play(mixer: CallMixer) -> Iterable[Event]:
        mixer.play(effect.prompt, effect.audience, sound.samples, sound.rate, due)
        return ()

    return play
