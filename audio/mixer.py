"""What each ear and the line hear: call audio plus prompts, capped, ramped and ducked, in 20 ms blocks.

May not know a device or a clock: it is handed blocks and their times and hands back blocks and events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decibel import active_dbfs, amplitude, peak_dbfs
from audio.resample import StreamResampler, resampled
from state.events import Event, PromptFinished, PromptStarted
from state.ids import LineId, PromptId
from state.words import Audience

Samples = NDArray[np.int16]
Wide = NDArray[np.float64]
Latency = Callable[[Audience], float]
"""Seconds from the time of a mixed sample to the time its audience hears it."""

SOURCE = "audio"


@dataclass(frozen=True, slots=True)
class MixerSettings:
    """Ear safety and manners; all values ours."""

    prompt_cap_dbfs: float = -20.0
    """Active RMS a prompt may reach: 6 dB over the usual speech test level, far below acoustic shock."""
    prompt_peak_dbfs: float = -6.0
    """Largest sample of a prompt: speech peaks lie 13 to 18 dB over its RMS, so this rarely binds."""
    ramp_s: float = 0.02
    """Fade at both ends: no click."""
    duck_db: float = 10.0
    """How much the customer is lowered under a prompt in the agent's ear: still heard, not competing."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """One block for the ear and one for the line, and what happened to prompts in it."""

    ear: Samples
    line: Samples
    events: tuple[Event, ...]


class _Voice:
    """One prompt on its way out."""

    def __init__(self, prompt: PromptId, audience: Audience, samples: Wide, due: float) -> None:
        self.prompt = prompt
        self.audience = audience
        self.samples = samples
        self.due = due
        self.position = 0
        self.started = False
        self.completed = True

    def cut(self, ramp: int) -> None:
        """Fade out from here on and end."""
        self.completed = False
        rest = self.samples[self.position : self.position + ramp]
        fade = 1.0 - (np.arange(len(rest)) + 1.0) / max(1, len(rest))
        self.samples = np.concatenate((self.samples[: self.position], rest * fade))


class CallMixer:
    """Mixes one call: near comes at the ear's rate, far at the line's rate."""

    def __init__(
        self,
        ear_rate: int,
        line_rate: int,
        settings: MixerSettings | None = None,
        line: LineId | None = None,
        *,
        latency_s: Latency = lambda _: 0.0,
        carries: bool = True,
    ) -> None:
        """`carries` False: somebody else brings each side to the other, and prompts alone leave here."""
        self._latency_s = latency_s
        self._carries = carries
        self._rates = {Audience.AGENT: ear_rate, Audience.LINE: line_rate}
        self._settings = settings or MixerSettings()
        self._line = line
        self._voices: list[_Voice] = []
        self._far_to_ear = StreamResampler(line_rate, ear_rate)
        self._near_to_line = StreamResampler(ear_rate, line_rate)
        self._far_gain = 1.0

    def play(self, prompt: PromptId, audience: Audience, samples: Samples, rate: int, at: float) -> None:
        """Say a recording to the ear or the line from `at` on, or from the next block when that is past."""
        if any(voice.prompt == prompt for voice in self._voices):
            raise ValueError(f"prompt {prompt!r} is being played already")
        target = self._rates[audience]
        ready = self._prepared(resampled(samples, rate, target), target)
        self._voices.append(_Voice(prompt, audience, ready, at))

    def stop(self, prompt: PromptId, at: float) -> tuple[Event, ...]:
        """Fade a prompt out; one not begun is revoked and told here; an unknown one is over already."""
        for voice in self._voices:
            if voice.prompt != prompt:
                continue
            if voice.started:
                voice.cut(self._ramp(self._rates[voice.audience]))
                return ()
            voice.completed = False
            self._voices.remove(voice)
            return (self._finished(voice, at, at),)
        return ()

    def close(self, at: float) -> tuple[Event, ...]:
        """The call is over: every prompt ends unfinished, here."""
        voices, self._voices = self._voices, []
        for voice in voices:
            voice.completed = False
        return tuple(self._finished(voice, at, at) for voice in voices)

    def mix(self, near: Samples, far: Samples, at: float, transmit: bool) -> Mixed:
        """One block of equal duration in both directions; `at` is the time of its first sample."""
        far_ear = self._far_to_ear.push(far)
        near_line = self._near_to_line.push(near)
        events: list[Event] = []
        ear_prompts = self._prompts(Audience.AGENT, len(far_ear), at, events)
        line_prompts = self._prompts(Audience.LINE, len(near_line), at, events)
        ear = self._ducked(far_ear, ear_prompts is not None)
        line = near_line.astype(np.float64) if transmit and self._carries else np.zeros(len(near_line))
        self._voices = [voice for voice in self._voices if voice.position < len(voice.samples)]
        events.sort(key=lambda event: event.at)
        return Mixed(_summed(ear, ear_prompts), _summed(line, line_prompts), tuple(events))

    def _prompts(self, audience: Audience, n: int, at: float, events: list[Event]) -> Wide | None:
        """Sum of this audience's prompts in the block, or None where none sounds."""
        rate = self._rates[audience]
        total: Wide | None = None
        late_s = self._latency_s(audience)
        for voice in self._voices:
            offset = 0 if voice.started else max(0, round((voice.due - at) * rate))
            if voice.audience is not audience or offset >= n:
                continue
            if total is None:
                total = np.zeros(n)
            if not voice.started:
                voice.started = True
                events.append(
                    PromptStarted(
                        at + offset / rate + late_s, SOURCE, voice.prompt, voice.audience, self._line
                    )
                )
            part = voice.samples[voice.position : voice.position + n - offset]
            total[offset : offset + len(part)] += part
            voice.position += len(part)
            if voice.position >= len(voice.samples):
                ended = at + (offset + len(part)) / rate + late_s
                events.append(self._finished(voice, max(at + n / rate, ended), ended))
        if total is None:
            return None
        peak = amplitude(self._settings.prompt_peak_dbfs) * 32768.0
        return np.clip(total, -peak, peak)

    def _ducked(self, far: Samples, prompted: bool) -> Wide:
        """Far audio, lowered while a prompt is in the ear, the change ramped."""
        if not self._carries:
            return np.zeros(len(far))
        target = amplitude(-self._settings.duck_db) if prompted else 1.0
        gain = np.full(len(far), target)
        ramp = min(len(far), self._ramp(self._rates[Audience.AGENT]))
        if target != self._far_gain and ramp:
            gain[:ramp] = np.linspace(self._far_gain, target, ramp)
        self._far_gain = target
        ducked: Wide = far * gain
        return ducked

    def _prepared(self, samples: Samples, rate: int) -> Wide:
        """A prompt capped in level and peak, with both ramps."""
        settings = self._settings
        gain_db = min(
            0.0,
            settings.prompt_cap_dbfs - active_dbfs(samples, rate),
            settings.prompt_peak_dbfs - peak_dbfs(samples),
        )
        ready = samples.astype(np.float64) * amplitude(gain_db)
        ramp = min(self._ramp(rate), len(ready) // 2)
        if ramp:
            rise = np.arange(ramp) / ramp
            ready[:ramp] *= rise
            ready[-ramp:] *= rise[::-1]
        return ready

    def _ramp(self, rate: int) -> int:
        return round(self._settings.ramp_s * rate)

    def _finished(self, voice: _Voice, at: float, ended_at: float) -> PromptFinished:
        return PromptFinished(at, SOURCE, voice.prompt, voice.audience, ended_at, voice.completed, self._line)


def _summed(sound: Wide, prompts: Wide | None) -> Samples:
    """Sound and prompts together, saturated."""
    total = sound if prompts is None else sound + prompts
    return np.clip(np.rint(total), -32768, 32767).astype(np.int16)
