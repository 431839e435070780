"""What the way of a call does to its sound: overdrive, bent curves, telephone band, codecs, lost packets.

May not change how long a sound is, other than by its rate.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

from training.material import RATE, Rng, Wide

TELEPHONE_RATE = 8000
LOW_EDGE_HZ = (200.0, 400.0)
CUT_BELOW = 0.85
"""Share of lines with such an edge; the others pass deeper sound too."""
DEEP_EDGE_HZ = (60.0, 200.0)
HIGH_EDGE_HZ = (3000.0, 3700.0)
"""Edges around the 300-3400 Hz of ITU-T G.712; equipment differs."""
ORDERS = (2, 11)
"""Of the Butterworth filter at each edge, 12 to 60 dB per octave, the last left out: a model that was shown
one steepness takes a voice behind another for noise."""
SUPPRESSED = 0.12
"""Share of telephone scenes whose pauses are replaced by comfort noise (RFC 3389)."""
COMFORT_DBFS = (-75.0, -50.0)
COMFORT_AROUND = 3200
"""Samples: a suppressor lets 0.2 s before and after a voice through."""
TANDEM = 0.15
"""Share of telephone lines with two codecs, one after the other: a mobile's, and the trunk's."""
LOSSY = 0.1
LOST_PACKETS = (1, 15)
PACKET = 160
"""20 ms of G.711 (RFC 3551), lost one to three at a time: silence, or the packet before once more."""
RECORDED = 0.15
"""Share of wide-band scenes that come from Opus, as a soft phone's do."""
OPUS_LEVELS = (0.9, 0.99)
"""libsndfile's compression level: about 24 to 8 kbit/s in mono."""
BENT = 0.15
BENT_POWERS = (0.6, 1.5)
"""Below 1 soft sound is lifted, as by a hard compressor; above 1 it is pressed down, as by an expander."""
OVERDRIVEN = 0.15
OVERDRIVE_DB = (0.0, 12.0)
CLIPS_AT = (0.3, 1.0)
"""Of full scale, above and below apart, while the sound is 6 dB hotter yet."""


def overdrive(rng: Rng, sound: Wide) -> Wide:
    """A microphone or converter that is driven too hard, its output turned back down."""
    gain = 10 ** (rng.uniform(*OVERDRIVE_DB) / 20) * 2
    low = -rng.uniform(*CLIPS_AT)
    driven: Wide = np.clip(sound * gain, low, rng.uniform(*CLIPS_AT)) / gain
    return driven


def bend(rng: Rng, sound: Wide) -> Wide:
    """A curve nobody corrects: each sample's size to a power, the peak left where it was."""
    peak = float(np.abs(sound).max()) or 1.0
    bent: Wide = np.sign(sound) * (np.abs(sound) / peak) ** rng.uniform(*BENT_POWERS) * peak
    return bent


def soft_phone(rng: Rng, sound: Wide) -> Wide:
    """Wide-band sound through Opus."""
    return through(OPUS, RATE, rng, sound)


def band(rng: Rng, sound: Wide) -> Wide:
    """What passes of the sound: an edge below and one above, each of its own frequency and steepness."""
    low_hz = rng.uniform(*(LOW_EDGE_HZ if rng.random() < CUT_BELOW else DEEP_EDGE_HZ))
    high_hz = rng.uniform(*HIGH_EDGE_HZ)
    for edge_hz, passes in ((low_hz, "highpass"), (high_hz, "lowpass")):
        edge = butter(int(rng.integers(*ORDERS)), edge_hz, passes, fs=RATE, output="sos")
        sound = sosfilt(edge, sound)
    return sound


def telephone(rng: Rng, sound: Wide, likely: Wide) -> Wide:
    """The sound at 8 kHz after a telephone line; `likely` is the voice's likelihood per 16 kHz sample."""
    line: Wide = resample_poly(band(rng, sound), 1, RATE // TELEPHONE_RATE)
    if rng.random() < SUPPRESSED:
        line = _suppress(rng, line, likely[:: RATE // TELEPHONE_RATE])
    for _ in range(2 if rng.random() < TANDEM else 1):
        line = CODECS[rng.choice(len(CODECS), p=CODEC_SHARES)](rng, np.clip(line, -1, 1))
    if rng.random() < LOSSY:
        _lose(rng, line)
    return line


def _lose(rng: Rng, line: Wide) -> None:
    repeats = rng.random() < 0.5
    for _ in range(rng.integers(*LOST_PACKETS)):
        start = rng.integers(PACKET, len(line) - 3 * PACKET)
        for at in range(start, start + PACKET * int(rng.integers(1, 4)), PACKET):
            line[at : at + PACKET] = line[at - PACKET : at] if repeats else 0


def _suppress(rng: Rng, line: Wide, likely: Wide) -> Wide:
    voiced = likely[: len(line)] > 0.3
    kept = np.convolve(voiced, np.ones(COMFORT_AROUND), "same") > 0
    comfort = rng.standard_normal(len(line)) * 10 ** (rng.uniform(*COMFORT_DBFS) / 20)
    return np.where(kept, line, comfort)


MU = 255.0
A = 87.6
"""The constants of ITU-T G.711; its curves are used here as formulas, rounded to 8 bits."""


def _rounded(companded: Wide) -> Wide:
    code: Wide = np.round(companded * 127.5) / 127.5
    return code


def mu_law(sound: Wide) -> Wide:
    """There and back through mu-law, -1 to 1."""
    code = _rounded(np.sign(sound) * np.log1p(MU * np.abs(sound)) / np.log1p(MU))
    back: Wide = np.sign(code) * ((1 + MU) ** np.abs(code) - 1) / MU
    return back


def a_law(sound: Wide) -> Wide:
    """There and back through A-law, -1 to 1."""
    size, scale = np.abs(sound), 1 + np.log(A)
    curve = np.where(size < 1 / A, A * size / scale, (1 + np.log(np.maximum(A * size, 1))) / scale)
    code = _rounded(curve * np.sign(sound))
    level = np.abs(code)
    back = np.where(level < 1 / scale, level * scale / A, np.exp(level * scale - 1) / A)
    heard: Wide = np.sign(code) * back
    return heard


@dataclass(frozen=True, slots=True)
class Container:
    """A codec as libsndfile has it: a file's format and what is in it."""

    format: str
    subtype: str
    levelled: bool = False
    """Its compression level is drawn from OPUS_LEVELS."""


GSM = Container("WAV", "GSM610")
ADPCM_32K = Container("AU", "G721_32")
ADPCM_24K = Container("AU", "G723_24")
OPUS = Container("OGG", "OPUS", levelled=True)


def through(container: Container, rate: int, rng: Rng, sound: Wide) -> Wide:
    """There and back through a real codec; none of them delays."""
    import soundfile

    options: dict[str, Any] = {"compression_level": rng.uniform(*OPUS_LEVELS)} if container.levelled else {}
    with io.BytesIO() as file:
        file.name = "scene"
        soundfile.write(file, sound, rate, format=container.format, subtype=container.subtype, **options)
        file.seek(0)
        back: Wide = soundfile.read(file, dtype="float32")[0][: len(sound)]
    return np.pad(back, (0, len(sound) - len(back)))


def _by_file(container: Container) -> Callable[[Rng, Wide], Wide]:
    return lambda rng, line: through(container, TELEPHONE_RATE, rng, line)


CODECS: tuple[Callable[[Rng, Wide], Wide], ...] = (
    lambda rng, line: line,
    lambda rng, line: mu_law(line),
    lambda rng, line: a_law(line),
    _by_file(GSM),
    _by_file(ADPCM_32K),
    _by_file(ADPCM_24K),
    _by_file(OPUS),
)
CODEC_SHARES = (0.14, 0.25, 0.25, 0.14, 0.06, 0.04, 0.12)
"""Linear; G.711 in both laws; GSM 06.10; ADPCM of 32 and 24 kbit/s (ITU-T G.726); Opus (RFC 6716)."""
