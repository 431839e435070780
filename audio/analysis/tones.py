"""Steady lines: what is left of a sound when one, two or three sines of constant pitch are taken out.

A switch's tone leaves nothing but line noise. A voice leaves much more, even where the telephone passes only
one of its harmonics, because it glides. May not name a tone or decide anything: it measures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.analysis.framing import FRAME_S, frame_length

Wide = NDArray[np.float64]

RATE = 8000
"""Everything a telephone passes lies below 4 kHz."""
SHORTEST_FRAMES = 2
"""40 ms: the first look at a tone, and the shortest DTMF digit (ITU-T Q.24: 40 ms)."""
LONGEST_FRAMES = 5
"""0.1 s: long enough to part 440 from 480 Hz and to see a voice glide."""
LEFT_SHARE = 0.045
"""Most power a tone may leave: its noise at 14 dB below it (G.711 alone leaves under 0.001)."""
LEFT_SHARE_LOW = 0.01
"""The same below LOWEST_HZ over 0.1 s: low harmonics of a wideband voice leave as little as 0.015."""
LOWEST_HZ = 300.0
"""Below lies mains hum: no call-progress tone."""
EDGE_FRAMES = 2
"""So long a window of 40 ms still holds the edge of lines that have ended."""
PAUSE_FRAMES = 7
"""From the end of a beep over a pause of 0.1 s until the next beep fills 40 ms."""
SECOND_SHARE = 0.001
"""A second line so far below the first (30 dB) is not worth fitting."""
HARMONIC_SHARE = 0.002
"""A second line this strong, the first one's neighbour among the harmonics of a pitch: that is a voice."""
PITCH_HZ = (70.0, 400.0)
PITCHED_HZ = 340.0
"""The lowest tone in use is 350 Hz: below, an octave is a voice's too."""
HARMONIC_OFF = 0.04
"""How far from a whole number a harmonic's number may be measured; every pair in use is 0.1 off or more."""
DRIFT_HZ = 2.5
"""A line that has moved so far from where it stood first is a voice: a switch's stays within 1 Hz."""
DRIFTED_FRAMES = 25
"""Half a second, for which it is then not looked at again."""
MISSED_FRAMES = 10
SELDOM_FRAMES = 3
"""Where so many looks in a row found no line somebody talks, and it is looked at every third frame only; each
quiet frame brings back one look. A tone that begins within talk is found 40 ms later."""
TWIST_SHARE = 0.03
"""One that is told lies at most 15 dB below the first: the lines of a pair differ by a few dB."""
GATE_SHARE = 0.9
"""Power within two lines of the 40 ms spectrum below which no fit is tried; noise at 14 dB leaves 0.96."""
_BIN_HZ = 25.0
_LOW_BIN, _END_BIN = 5, 158
"""125 to 3950 Hz."""
_LINE_BINS = 2
"""A Hann window's line is its bin and two on either side."""
_FINE = 800
"""Transform length in which peaks are looked for: 10 Hz a bin for every window."""
_FINE_HZ = RATE / _FINE
_CLUSTER_BINS = 12
_CLUSTER_SHARE = 0.93
"""Power within 120 Hz of the peak that a close pair or a swung line has, whatever its beat does."""
CLOSE_HZ = ((400.0, 450.0), (440.0, 480.0), (413.0, 438.0))
"""Pairs in use so close that 40 to 80 ms do not part them (ring-back of the UK, the US, Australia)."""
CLOSE_MEAN_SHARE = 0.06
CLOSE_APART_HZ = 60.0
"""Nearer lines are parted too unsurely to see one drift."""
SWING_HZ = (15.0, 16.0, 17.0, 20.0, 24.5, 33.0)
"""Rates at which ringing current swings the amplitude of old ring-back tones (400 Hz x 16 Hz in Japan)."""
SWUNG_HZ = (380.0, 470.0)
"""Where the carriers of swung tones lie."""
_TAPS = 24


@dataclass(frozen=True, slots=True)
class Lines:
    """What sounds, if it is steady lines and nothing else."""

    hz: tuple[float, ...]
    """Frequencies, the strongest first; a swung tone is its carrier; none: something else sounds."""
    steady_s: float
    """For how long they surely have been so, up to 0.1 s."""


NOTHING = Lines((), 0.0)


class LineMeter:
    """Keeps the last 0.12 s of one channel; a frame it is not asked about costs one copy."""

    def __init__(self, rate: int) -> None:
        step = rate // RATE
        if step * RATE != rate:
            raise ValueError(f"rate {rate} is no multiple of {RATE}")
        self._step = step
        self._length = frame_length(rate)
        self._heard = np.zeros((LONGEST_FRAMES + 1) * self._length)
        self._hann = np.hanning(SHORTEST_FRAMES * self._length + 1)[:-1]
        self._low_pass = _low_pass(step)
        self._frames = self._loud = self._wait = 0
        self._missed = self._turn = 0
        self._stood_hz = 0.0
        self._ringing = 0
        self._paused = False

    def push(self, filtered: Wide) -> None:
        """Take one frame."""
        self._heard[: -self._length] = self._heard[self._length :]
        self._heard[-self._length :] = filtered

    @property
    def ringing(self) -> bool:
        """Whether lines ended just now, or before a short pause: edges of beeps sound like a voice."""
        return self._ringing > 0

    def skip(self, *, loud: bool = False) -> None:
        """The frame just pushed is not worth a look: whatever stood still does so no more.

        A loud one is no pause between beeps: a word's first vowel may look like a line for 40 ms.
        """
        paused = self._ringing > 0 and not self._paused and not loud
        self._ringing = PAUSE_FRAMES if paused else max(0, self._ringing - 1)
        self._paused |= paused
        self._frames = self._loud = self._wait = 0
        self._missed -= self._missed > 0 and not loud

    def measure(self) -> Lines:
        """What has sounded up to now; to be asked once a frame, or the frame be skipped."""
        found = self._measured()
        if self._frames > SHORTEST_FRAMES:
            self._ringing, self._paused = EDGE_FRAMES + 1, False
        else:
            self._ringing = max(0, self._ringing - 1)
        return found

    def _measured(self) -> Lines:
        before, self._frames, self._loud = self._frames, 0, self._loud + 1
        if self._wait or self._seldom():
            self._wait = max(0, self._wait - 1)
            return NOTHING
        for frames in self._windows(before):
            found = fitted(self._narrow(frames), FITS[frames])
            if found is None:
                continue
            left, hz = found
            if self._has_drifted(hz, frames):
                break
            self._frames, self._missed = frames, 0
            if hz[0] < LOWEST_HZ and (frames < LONGEST_FRAMES or left > LEFT_SHARE_LOW):
                return NOTHING
            return Lines(hz, frames * FRAME_S)
        self._missed += self._missed < MISSED_FRAMES
        return NOTHING

    def _seldom(self) -> bool:
        """Whether this look is left out."""
        self._turn = (self._turn + 1) % SELDOM_FRAMES if self._missed >= MISSED_FRAMES else 0
        return self._turn > 0

    def _has_drifted(self, hz: tuple[float, ...], frames: int) -> bool:
        """Whether the line that stood first, in the first whole window, is no longer where it was."""
        close = len(hz) > 1 and abs(hz[0] - hz[1]) < CLOSE_APART_HZ
        if frames < LONGEST_FRAMES or close:
            self._stood_hz = 0.0
        elif not self._stood_hz:
            self._stood_hz = hz[0]
        elif min(abs(line - self._stood_hz) for line in hz) > DRIFT_HZ:
            self._stood_hz, self._wait = 0.0, DRIFTED_FRAMES
            return True
        return False

    def _windows(self, before: int) -> Iterator[int]:
        """Frames to try: one more than before; all, where that did not part a close pair; the last two."""
        if before:
            longer = min(before + 1, LONGEST_FRAMES)
            yield longer
            if longer < LONGEST_FRAMES <= self._loud:
                yield LONGEST_FRAMES
        if self._gate():
            yield SHORTEST_FRAMES

    def reset(self) -> None:
        """Forget what was heard."""
        self._heard[:] = 0.0
        self._frames = self._loud = self._wait = 0
        self._missed = self._turn = 0
        self._stood_hz = 0.0
        self._ringing = 0
        self._paused = False

    def _gate(self) -> bool:
        """Whether two lines hold nearly all power of the last 40 ms."""
        spectrum = np.fft.rfft(self._heard[-len(self._hann) :] * self._hann)[_LOW_BIN:_END_BIN]
        power = spectrum.real**2 + spectrum.imag**2
        total = float(power.sum()) + 1e-9
        held = 0.0
        for _ in range(2):
            top = int(power.argmax())
            line = power[max(0, top - _LINE_BINS) : top + _LINE_BINS + 1]
            held += float(line.sum())
            line[:] = 0.0
        return held > GATE_SHARE * total

    def _narrow(self, frames: int) -> Wide:
        """The last frames at RATE."""
        if self._step == 1:
            return self._heard[-frames * self._length :]
        taps = len(self._low_pass)
        tail = self._heard[-(frames * self._length + taps - self._step) :]
        rows = np.lib.stride_tricks.sliding_window_view(tail, taps)[:: self._step]
        narrow: Wide = rows @ self._low_pass
        return narrow


class Fit:
    """Least squares of lines over one window length, with room for slow change and an inexact guess."""

    def __init__(self, frames: int) -> None:
        count = frames * frame_length(RATE)
        self.frames = frames
        self.hann = np.hanning(count + 1)[:-1]
        self._radians = 2j * np.pi * (np.arange(count) - (count - 1) / 2) / RATE
        self._ramp = np.linspace(-1.0, 1.0, count)
        self._half_s = count / 2 / RATE
        self.apart = -(-2 * _FINE // count)

    def left(self, sound: Wide, hz: tuple[float, ...], free: int) -> tuple[float, Wide, Wide]:
        """Share of power that the lines leave; frequencies and powers (shares) of the first `free` refined.

        Each line has a constant amplitude and phase, the first `free` of them a linear change of both too.
        """
        waves = np.exp(np.multiply.outer(np.array(hz), self._radians))
        level = np.concatenate((waves.real, waves.imag))
        ramped = np.concatenate((waves.real[:free], waves.imag[:free])) * self._ramp
        base = np.concatenate((level, ramped))
        seen = base @ sound
        gram = base @ base.T
        gram.flat[:: len(gram) + 1] += 1e-3
        weights = np.linalg.solve(gram, seen)
        total = float(sound @ sound) + 1e-9
        count = len(hz)
        a, b = weights[:count], weights[count : 2 * count]
        power = a * a + b * b + 1e-9
        da, db = weights[2 * count : 2 * count + free], weights[2 * count + free :]
        turn = (a[:free] * db - b[:free] * da) / power[:free]
        refined = np.array(hz)
        refined[:free] -= turn / (2.0 * np.pi * self._half_s)
        return 1.0 - float(seen @ weights) / total, refined, power * (0.5 * len(sound) / total)


def fitted(sound: Wide, fit: Fit) -> tuple[float, tuple[float, ...]] | None:
    """What one or two steady lines, a close pair or a swung line leave, and their Hz; None: too much."""
    first, second, cluster_hz = _peaks(sound, fit)
    guess = (first,) if second is None else (first, second)
    left, hz, power = fit.left(sound, guess, len(guess))
    if left > LEFT_SHARE:
        return None if cluster_hz is None else _close(sound, fit, cluster_hz)
    if len(hz) > 1 and power.min() > HARMONIC_SHARE * power.max() and _are_harmonics(*hz.tolist()):
        return None
    order = np.argsort(-power)
    return left, tuple(float(hz[i]) for i in order if power[i] > TWIST_SHARE * power.max())


def _are_harmonics(one: float, other: float) -> bool:
    """Whether two lines are neighbours among a voice's harmonics; a tone may have an octave of its own."""
    low, pitch = min(one, other), abs(one - other)
    number = low / pitch if pitch else 0.0
    near = abs(number - round(number)) <= HARMONIC_OFF
    return near and PITCH_HZ[0] <= pitch <= PITCH_HZ[1] and (round(number) > 1 or low < PITCHED_HZ)


def _close(sound: Wide, fit: Fit, centre: float) -> tuple[float, tuple[float, ...]] | None:
    """A known pair too close to part, or a line whose amplitude swings, whichever leaves least."""
    best: tuple[float, tuple[float, ...]] = LEFT_SHARE, ()
    for pair in CLOSE_HZ:
        off = 2.0 * centre / (pair[0] + pair[1])
        if abs(off - 1.0) < CLOSE_MEAN_SHARE:
            for guess in (pair, (off * pair[0], off * pair[1])):
                left, _, power = fit.left(sound, guess, 2)
                if power.min() > TWIST_SHARE * power.max():  # else it is a single line with an edge
                    best = min(best, (left, pair))
    if not best[1] and SWUNG_HZ[0] <= centre <= SWUNG_HZ[1]:
        for swing in SWING_HZ:
            left, _, power = fit.left(sound, (centre, centre - swing, centre + swing), 1)
            if left <= LEFT_SHARE and power[0] > power[1] + power[2]:  # else it is a pair, or an edge
                return left, (centre,)
    return best if best[1] else None


def _peaks(sound: Wide, fit: Fit) -> tuple[float, float | None, float | None]:
    """The two highest peaks in Hz, the second if it matters, and the middle of all power if it lies close."""
    spectrum = np.fft.rfft(sound * fit.hann, _FINE)[: _FINE // 2]
    power = spectrum.real**2 + spectrum.imag**2
    power[:12] = 0.0
    top = int(power.argmax())
    height = float(power[top])
    first = _interpolated(power, top)
    low = max(0, top - _CLUSTER_BINS)
    around = power[low : top + _CLUSTER_BINS + 1]
    held = float(around.sum())
    centre = None
    if held >= _CLUSTER_SHARE * float(power.sum()):
        centre = (low + float(around @ np.arange(len(around))) / (held + 1e-12)) * _FINE_HZ
    rest = power.copy()
    rest[max(0, top - fit.apart) : top + fit.apart + 1] = 0.0
    other = int(rest.argmax())
    if rest[other] < SECOND_SHARE * height:
        return first, None, centre
    return first, _interpolated(power, other), centre


def _interpolated(power: Wide, top: int) -> float:
    """Frequency of a peak, by the parabola through its bin and its neighbours."""
    if not 0 < top < len(power) - 1:
        return top * _FINE_HZ
    before, at, after = power[top - 1 : top + 2].tolist()
    bend = before - 2.0 * at + after
    shift = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
    return (top + min(1.0, max(-1.0, shift))) * _FINE_HZ


def _low_pass(step: int) -> Wide:
    """Windowed sinc with unit gain that keeps what RATE can carry."""
    taps = _TAPS * step + 1
    moment = np.arange(taps) - (taps - 1) / 2
    kernel: Wide = np.sinc(0.9 / step * moment) * np.hamming(taps)
    kernel /= kernel.sum()
    return kernel


FITS = {frames: Fit(frames) for frames in range(SHORTEST_FRAMES, LONGEST_FRAMES + 1)}
