"""Recordings without a fault, and what the analysers make of a sound: shared by the tests and the bench.

May not know a threshold: when a fault must be found is in FOUND_WITHIN.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from audio.analysis.channel import ChannelAnalyser
from audio.analysis.faults.panel import Change, ChannelFaults
from audio.analysis.faults.thresholds import (
    BACKGROUND_WARN_DBFS,
    CLIP_LONG_S,
    CLIP_TOPS,
    FOUND_WITHIN,
    HUM_BAND_HZ,
    PAUSE_GUARD_S,
    PAUSE_S,
    QUIET_WARN_DBOV,
    SNR_WARN_DB,
    Counted,
)
from audio.analysis.floor import RISE_DB_PER_S
from audio.analysis.frame import Frame
from audio.analysis.framing import FRAME_S, frame_length
from audio.analysis.frontend import FrontEnd
from audio.analysis.vad import Verdict
from audio.decibel import dbfs
from audio.vad_webrtc import default_detector
from audio.wav import Recording, Samples, read_wav
from state.events import AudioFaultFound, Event
from state.ids import LineId
from state.words import AudioFault, Channel
from tests.audio.faults.inject import (
    FULL,
    POPS_VARY_DB,
    Case,
    Strength,
    Wide,
    active_dbov,
    clip_limit,
    room_noise,
    scaled,
)
from tests.audio.sounds import RECORDINGS
from tests.support import shared_data

F = AudioFault

LINE = LineId("desk")
MOMENT_S = 5.0
"""Where a fault is injected."""
LONGEST_S = 90.0

OURS = ("sentence_zh.wav", "sentence_zh_16k.wav", "sentence_zh_2_16k.wav", "answer_4s.wav", "digits.wav")

_SOFT = {
    F.TOO_QUIET: "several talkers; the soft ones at -46 to -61 dBov where they talk alone",
    F.POOR_SNR: "the same: 11 dB over the room",
}
_PUFFS = {F.BREATH_POPS: "bursts of up to -11 dBFS under 75 Hz, where no voice has any sound"}
FAULTY: dict[str, dict[AudioFault, str]] = {
    "ten21 16k": {
        F.LOUD_BACKGROUND: "speech at -12.6 dBov, 27 dB over its noise by the manifest: noise at -40"
    },
    "zh_ali1 16k": _PUFFS,
    "ami_dev01 8k": _SOFT,
    "ami_dev01 16k": _SOFT | _PUFFS,
    "ami_trn04 8k": _SOFT,
    "ami_trn04 16k": _SOFT | _PUFFS,
    "ami_tst00 8k": _SOFT,
    "ami_tst00 16k": _SOFT,
    "call_quiet 8k": {F.TOO_QUIET: "speech at -42 dBov by the manifest"},
    "call_quiet 16k": {F.TOO_QUIET: "speech at -42 dBov by the manifest"},
}
"""Faults that recordings taken for clean have in themselves, and how that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Clean:
    """A recording of somebody talking, with nothing wrong that is not named in FAULTY."""

    name: str
    sound: Recording

    @property
    def own(self) -> dict[AudioFault, str]:
        return FAULTY.get(self.name, {})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one injected fault: how much of the sound that counts went by before it was found; what else was."""

    found_s: float | None
    others: frozenset[AudioFault]


def ours() -> list[Clean]:
    return [Clean(name, read_wav(RECORDINGS / name)) for name in OURS]


def larger() -> list[Clean]:
    """Recordings of the larger data with speech 15 dB over its noise, each at 16 and 8 kHz."""
    data = shared_data()
    if data is None:
        return []
    folder = data / "vad"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if talks(row)]
    return [
        Clean(f"{row['id']} {rate // 1000}k", read_wav(folder / f"wav{rate // 1000}" / f"{row['id']}.wav"))
        for row in rows
        for rate in (8000, 16000)
    ]


def talks(row: dict[str, str]) -> bool:
    """Speech, no music, no noise to speak of."""
    if row["set"] not in {"frames", "conv", "calls", "prompt"} or row["own_snr_db"] in {"", "nan"}:
        return False
    return row["id"] != "call_hold_music" and float(row["own_snr_db"]) >= 15.0


def tiled(sound: Samples, rate: int, seconds: float) -> Samples:
    """A recording over and over; the joints fade, so that they are no click."""
    fade = round(0.01 * rate)
    ramp = np.minimum(np.arange(len(sound)) + 1, fade) / fade
    once = np.rint(sound * np.minimum(ramp, ramp[::-1])).astype(np.int16)
    count = round(seconds * rate)
    return np.tile(once, -(-count // len(once)))[:count]


@dataclass(frozen=True, slots=True)
class Told:
    """When a fault was told first, and why."""

    at: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a channel's analyser made of a sound."""

    frames: list[Frame]
    events: list[Event]

    @property
    def speaking(self) -> NDArray[np.bool_]:
        return np.array([frame.speaking for frame in self.frames])


def heard(sound: Samples, rate: int, *, faults: bool = True) -> Heard:
    """Listen to a sound as to the far channel of a call, in blocks of a frame."""
    analyser = ChannelAnalyser(LINE, Channel.FAR, rate, default_detector(rate), faults=faults)
    analyser.reset(0.0)
    all_heard, length = Heard([], []), frame_length(rate)
    for start in range(0, len(sound), length):
        all_heard.events.extend(analyser.push(sound[start : start + length], start / rate))
        all_heard.frames.extend(analyser.frames)
    return all_heard


def found(sound: Samples, rate: int) -> dict[AudioFault, Told]:
    """Every fault found in a sound, as it was told first."""
    told: dict[AudioFault, Told] = {}
    for event in heard(sound, rate).events:
        if isinstance(event, AudioFaultFound):
            told.setdefault(event.fault, Told(event.at, event.evidence))
    return told


def changes(sound: Samples, rate: int, speaking: NDArray[np.bool_]) -> Iterator[tuple[float, Change]]:
    """What the panel tells of a sound, and when, if the detector says what it says of the clean one."""
    front, panel, length = FrontEnd(rate), ChannelFaults(rate), frame_length(rate)
    for number, speech in enumerate(speaking.tolist()):
        samples, begin = sound[number * length : (number + 1) * length], number * FRAME_S
        heard_ = front.push(samples, RISE_DB_PER_S)
        verdict = Verdict(heard_.level_dbfs, heard_.floor_dbfs, speech, speech, speech)
        for change in panel.push(Frame(begin, samples, verdict, speech)):
            yield begin + FRAME_S, change


def found_given(sound: Samples, rate: int, speaking: NDArray[np.bool_]) -> dict[AudioFault, Told]:
    """The same with the detector's part known."""
    told: dict[AudioFault, Told] = {}
    for at, change in changes(sound, rate, speaking):
        if change.ended_at is None:
            told.setdefault(change.finding.fault, Told(at, change.finding.evidence))
    return told


def pauses(speaking: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of every run of frames without speech that is long enough to be judged."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], speaking, [True])).astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(begin, end) for begin, end in runs if (end - begin) * FRAME_S >= PAUSE_S + PAUSE_GUARD_S]


def pause_frames(speaking: NDArray[np.bool_]) -> int:
    """Frames without speech, in runs long enough to be judged."""
    return sum(end - begin for begin, end in pauses(speaking))


def low_dbfs(sound: Samples, rate: int, speaking: NDArray[np.bool_]) -> float:
    """Median power of the pauses within HUM_BAND_HZ, which hum is compared with; 0 without a pause."""
    count, guard = round(PAUSE_S * rate), round(PAUSE_GUARD_S * rate)
    pieces = [np.zeros((0, count))]
    for begin, end in pauses(speaking):
        pause = sound[begin * frame_length(rate) + guard : end * frame_length(rate)].astype(np.float64)
        pieces.append(pause[: len(pause) // count * count].reshape(-1, count))
    window = np.hanning(count)
    spectra = np.abs(np.fft.rfft(np.concatenate(pieces) * window)) ** 2 * 2.0 / (count * (window @ window))
    low, high = (round(hz * PAUSE_S) for hz in HUM_BAND_HZ)
    return dbfs(float(np.median(spectra[:, low : high + 1].sum(axis=1)))) if len(spectra) else 0.0


class Bench:
    """One clean recording, long enough for every fault; which time counts is known from the clean sound."""

    def __init__(self, clean: Clean) -> None:
        self.clean = clean
        self.rate = clean.sound.rate
        alone = heard(clean.sound.samples, self.rate, faults=False)
        pauses = [frame.verdict.level_dbfs for frame in alone.frames if not frame.speaking]
        self.pauses_dbfs = float(np.median(pauses)) if pauses else 0.0
        self.voice_dbov = active_dbov(clean.sound.samples.astype(np.float64), self.rate)
        self.snr_db = self.voice_dbov - self.pauses_dbfs
        self._speaking: NDArray[np.bool_] = np.zeros(0, bool)
        whole = self.sound(LONGEST_S)
        self.low_dbfs = low_dbfs(whole, self.rate, self.speaking(len(whole)))

    @cache  # noqa: B019 -- a bench lives as long as its test
    def sound(self, seconds: float) -> Samples:
        return tiled(self.clean.sound.samples, self.rate, seconds)

    @cache  # noqa: B019 -- as above
    def length_s(self, fault: AudioFault) -> float | None:
        """How long to hear it until the stated time, and a second more, went by; None: over LONGEST_S."""
        within = FOUND_WITHIN[fault]
        for seconds in range(round(MOMENT_S) + 1, round(LONGEST_S)):
            if self.counted_s(within.of, seconds) >= within.seconds:
                return seconds + 1.0
        return None

    def outcome(self, case: Case, strength: Strength, *, live: bool = False) -> Outcome | None:
        """Inject and listen; None where the recording cannot show the fault, or has it in itself.

        Live the detector hears the faulty sound; else what is speech is known.
        """
        length_s = self.length_s(case.fault)
        if length_s is None or case.fault in self.clean.own or not self.shows(case, strength):
            return None
        clean = self.sound(length_s)
        faulty = case.into(clean, self.rate, MOMENT_S, strength)
        known = None if live else self.speaking(len(clean))
        told = found(faulty, self.rate) if known is None else found_given(faulty, self.rate, known)
        others = frozenset(told) - {case.fault} - set(self.clean.own)
        if case.fault not in told:
            return Outcome(None, others)
        return Outcome(self.counted_s(FOUND_WITHIN[case.fault].of, told[case.fault].at), others)

    def shows(self, case: Case, strength: Strength) -> bool:
        """Whether the fault is to be heard at all in this recording: reasons are in docs/sound-faults.md."""
        value = case.value(strength)
        if case.fault is F.HUM:
            return value >= self.low_dbfs + 3.0
        if case.fault is F.BREATH_POPS:
            return value - POPS_VARY_DB >= self.voice_dbov
        if case.fault is F.CLIPPING:
            return self.tops(value) >= CLIP_TOPS
        return case.fault is not F.HANDS_FREE or self.snr_db >= 25.0

    def tops(self, share_percent: float) -> int:
        """How many pieces of 10 ms are cut in the first seconds of speech that clipping is judged on."""
        length_s = self.length_s(F.CLIPPING)
        assert length_s is not None
        clean = self.sound(length_s)
        size = np.abs(clean[round(MOMENT_S * self.rate) :].astype(np.float64))
        talked_s = FRAME_S * np.cumsum(self.speaking(len(clean))[round(MOMENT_S / FRAME_S) :])
        end = frame_length(self.rate) * int(np.searchsorted(talked_s, CLIP_LONG_S))
        cut = np.flatnonzero(size[:end] > clip_limit(size, share_percent))
        return len(np.unique(cut // round(0.01 * self.rate)))

    def counted_s(self, of: Counted, until: float) -> float:
        """Seconds that count between the moment and a time."""
        frames = round(until / FRAME_S)
        speaking = self.speaking(frames * frame_length(self.rate))[round(MOMENT_S / FRAME_S) :]
        counts = {
            Counted.SOUND: len(speaking),
            Counted.SPEECH: speaking.sum(),
            Counted.PAUSE: pause_frames(speaking),
        }
        return FRAME_S * float(counts[of])

    def speaking(self, count: int) -> NDArray[np.bool_]:
        """Which frames of the clean sound are speech; what comes later changes nothing before."""
        frames = count // frame_length(self.rate)
        if frames > len(self._speaking):
            longest = max(LONGEST_S, count / self.rate)
            self._speaking = heard(self.sound(longest), self.rate, faults=False).speaking
        return self._speaking[:frames]


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A clean recording at another level or in a little noise, and what is then truly wrong with it."""

    name: str
    sound: Samples
    rate: int
    true: frozenset[AudioFault]
    """By construction: the measured level is beyond the warn threshold."""
    near: frozenset[AudioFault]
    """Not beyond it, but close: either answer is right."""
    own: frozenset[AudioFault]
    """What FAULTY says of the recording: named, not constructed."""

    @property
    def allowed(self) -> frozenset[AudioFault]:
        return self.true | self.near | self.own


NOISES = ("street_city", "babble_coffeeshop", "office_library")
GAINS_DB = (-12.0, -6.0, 6.0)
SNRS_DB = (20.0, 25.0, 30.0)
NEAR_DB = {F.TOO_QUIET: 4.0, F.LOUD_BACKGROUND: 2.0, F.POOR_SNR: 2.0}
"""So close to a threshold either answer is right; sentences of one talker differ by 4 dB."""


def variants(clean: Clean, seconds: float) -> Iterator[Variant]:
    """Every gain that does not clip, every noise at every SNR."""
    rate = clean.sound.rate
    sound = tiled(clean.sound.samples, rate, seconds)
    speaking = heard(sound, rate, faults=False).speaking
    wide = sound.astype(np.float64)
    for gain in GAINS_DB:
        changed = wide * 10.0 ** (gain / 20.0)
        if np.abs(changed).max() < FULL:
            yield varied(clean, f"{gain:+.0f} dB", changed, speaking)
    level = active_dbov(wide, rate)
    for name, noise in noises(rate, len(wide)):
        for snr in SNRS_DB:
            added = scaled(noise, level - snr)
            if np.abs(wide + added).max() < FULL:
                yield varied(clean, f"{name} at {snr:.0f} dB", wide + added, speaking)


def noises(rate: int, count: int) -> list[tuple[str, Wide]]:
    """Room noise made here, and the recorded ones where the larger data is."""
    data = shared_data()
    found = [("room noise", room_noise(count, rate))]
    for name in NOISES if data else ():
        once = read_wav(data / "vad" / f"noise{rate // 1000}" / f"{name}.wav").samples
        found.append((name, tiled(once, rate, count / rate + 1.0)[:count].astype(np.float64)))
    return found


def varied(clean: Clean, what: str, sound: Wide, speaking: NDArray[np.bool_]) -> Variant:
    """A variant with its truth: measured on the construction, by other means than the analysers'."""
    rate = clean.sound.rate
    pauses = level_of(sound, rate)[: len(speaking)][~speaking]
    quiet = float(np.median(pauses)) if len(pauses) else -100.0
    voice = active_dbov(sound, rate)
    beyond_db = {
        F.TOO_QUIET: QUIET_WARN_DBOV - voice,
        F.LOUD_BACKGROUND: quiet - BACKGROUND_WARN_DBFS,
        F.POOR_SNR: SNR_WARN_DB - (voice - quiet),
    }
    return Variant(
        f"{clean.name}, {what}",
        np.rint(sound).astype(np.int16),
        rate,
        true=frozenset(fault for fault, db in beyond_db.items() if db >= 0.0),
        near=frozenset(fault for fault, db in beyond_db.items() if -NEAR_DB[fault] <= db < 0.0),
        own=frozenset(clean.own),
    )


def level_of(sound: Wide, rate: int) -> Wide:
    """dBFS over 120 Hz of each 20 ms."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1.0 / rate) < 120.0] = 0.0
    length = frame_length(rate)
    count = len(sound) // length
    power = np.mean(np.fft.irfft(spectrum, len(sound))[: count * length].reshape(count, length) ** 2, axis=1)
    levels: Wide = 10.0 * np.log10(power / 32768.0**2 + 1e-10)
    return levels
