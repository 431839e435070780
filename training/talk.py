"""A talker: turns with pauses, or single words, out of recordings; each sample with how likely it is a voice.

May not add noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import resample_poly

from training.material import LABEL_HOP, RATE, Material, Rng, Wide
from training.rooms import equalise, reverb, rms
from training.tempo import quicken

WHOLE_S = 4.0
"""A recording shorter than this is taken whole."""
SHORTEST_S = 0.6
PIECE_S = 6.0
DENSE_PIECE_S = 12.0
FADE = 160
"""10 ms: a cut must not click."""
CHANGED = 0.25
PERCENT = (88, 114)
"""Another talker's pitch and speed, by resampling: two semitones up or down."""
VOICED = 0.5
HEARD = 0.3
"""From where a piece's edges are told: a word's soft end counts."""
LEAST_VOICED = 800
"""50 ms: less is no word."""
BEFORE = 1600
AFTER = 2400
"""Samples of the recording's own room kept around its speech."""
TURN_S = 6.0
ROOM = 0.35
ROOM_S = (0.08, 0.5)
HANDSET = 0.5
BREAK = RATE // 10
"""0.1 s: a longer one ends the word; the closure of a stop is shorter."""
LONGEST_WORD_S = 0.7
QUICKER = (1.0, 2.2)
"""Words read out are slow: a digit dictated in a hurry is 0.3 s long, a tenth of it a vowel."""
WORD_PAUSE_S = (0.5, 5.0)
WORD_DB = 3.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of sound."""

    sound: Wide
    likely: Wide
    """Of a voice, 0 to 1, per sample."""


def draw_piece(rng: Rng, material: Material, longest_s: float) -> Piece:
    """Part of a recording, faded in and out, now and then at another speed."""
    path, whole = material.speech.draw(rng)
    size = len(whole)
    length = int(min(size, rng.uniform(SHORTEST_S, longest_s) * RATE))
    start = int(rng.integers(0, max(1, size - length + 1)))
    if size < WHOLE_S * RATE:
        start, length = 0, size
    likely: Wide = np.repeat(material.labels(path), LABEL_HOP)[:size]
    likely = np.pad(likely, (0, max(0, size - len(likely))), "edge")[start : start + length]
    sound = whole[start : start + length].copy()
    fade = min(FADE, len(sound) // 4)
    sound[:fade] *= np.linspace(0, 1, fade)
    sound[-fade:] *= np.linspace(1, 0, fade)
    if rng.random() < CHANGED:
        percent = int(rng.integers(*PERCENT))
        sound = resample_poly(sound, 100, percent).astype(np.float32)
        likely = np.interp(np.arange(len(sound)) * percent / 100, np.arange(len(likely)), likely)
    return Piece(sound, likely)


def draw_word(rng: Rng, material: Material) -> Piece | None:
    """One word by itself, often quicker than its talker said it; None where the draw holds no such."""
    piece = draw_piece(rng, material, WHOLE_S)
    heard = np.flatnonzero(piece.likely > HEARD)
    if not len(heard):
        return None
    breaks = np.flatnonzero(np.diff(heard) > BREAK)
    last = heard[breaks[0]] if len(breaks) else heard[-1]
    around = slice(max(0, heard[0] - BEFORE), min(len(piece.sound), last + BEFORE))
    factor = rng.uniform(*QUICKER)
    sound = quicken(piece.sound[around], factor)
    likely = np.interp(
        np.arange(len(sound)) * factor, np.arange(around.stop - around.start), piece.likely[around]
    )
    voice = sound[likely > VOICED]
    if len(voice) < LEAST_VOICED or rms(voice) < 1e-4 or len(sound) > LONGEST_WORD_S * RATE:
        return None
    fade = min(FADE, len(sound) // 4)
    sound = sound / rms(voice)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return Piece(sound, likely)


def words(rng: Rng, material: Material, length: int) -> Piece:
    """Single words with long pauses, voice at an effective value of about 1: yes, no, a digit."""
    said = Piece(np.zeros(length, np.float32), np.zeros(length, np.float32))
    at = int(rng.uniform(*WORD_PAUSE_S) * RATE)
    while at < length:
        word = draw_word(rng, material)
        if word is None:
            continue
        at = _say(said, Piece(word.sound * 10 ** (rng.normal(0, WORD_DB) / 20), word.likely), at)
        at += int(rng.uniform(*WORD_PAUSE_S) * RATE)
    return _through_the_air(rng, said)


def talk(rng: Rng, material: Material, length: int, dense: bool) -> Piece:
    """Turns of talk with pauses, voice at an effective value of about 1; dense talk hardly pauses."""
    said = Piece(np.zeros(length, np.float32), np.zeros(length, np.float32))
    at = int(rng.choice([0, rng.uniform(0, 0.4), rng.uniform(0, 6)], p=[0.15, 0.25, 0.6]) * RATE)
    while at < length:
        turn = _turn(rng, material, DENSE_PIECE_S if dense else PIECE_S)
        if turn is None:
            continue
        at = _say(said, turn, at)
        pause_s = rng.exponential(0.3) if dense else rng.choice([rng.uniform(0.2, 1.5), rng.uniform(1, 7)])
        at += int(pause_s * RATE)
    return _through_the_air(rng, said)


def _say(said: Piece, turn: Piece, at: int) -> int:
    """Put a turn at its place, as much as there is room for; where it ends."""
    end = min(at + len(turn.sound), len(said.sound))
    said.sound[at:end] += turn.sound[: end - at]
    said.likely[at:end] = np.maximum(said.likely[at:end], turn.likely[: end - at])
    return end


def _through_the_air(rng: Rng, said: Piece) -> Piece:
    """What is said, now and then in a room or through a handset."""
    sound = said.sound
    if rng.random() < ROOM:
        sound = reverb(rng, sound, rng.uniform(*ROOM_S))
    if rng.random() < HANDSET:
        sound = equalise(rng, sound, said.likely > VOICED)
    return Piece(sound, said.likely)


def _turn(rng: Rng, material: Material, longest_s: float) -> Piece | None:
    """One to eight pieces (up to TURN_S, the last one whole); None where none of them holds a voice."""
    sounds: list[Wide] = []
    likely: list[Wide] = []
    for _ in range(1 if rng.random() < 0.35 else int(rng.integers(2, 9))):
        piece = draw_piece(rng, material, longest_s)
        voice = piece.sound[piece.likely > VOICED]
        if len(voice) < LEAST_VOICED or rms(voice) < 1e-4:
            continue
        cut = _trimmed(piece) if rng.random() < 0.7 else piece
        gap = np.zeros(int(rng.exponential(0.12) * RATE), np.float32)
        sounds += [cut.sound / rms(voice) * 10 ** (rng.normal(0, 1.5) / 20), gap]
        likely += [cut.likely, gap]
        if sum(map(len, sounds)) > TURN_S * RATE:
            break
    return Piece(np.concatenate(sounds), np.concatenate(likely)) if sounds else None


def _trimmed(piece: Piece) -> Piece:
    heard = np.flatnonzero(piece.likely > HEARD)
    around = slice(max(0, heard[0] - BEFORE), min(len(piece.sound), heard[-1] + AFTER))
    return Piece(piece.sound[around], piece.likely[around])
