"""What sounds behind a talker, or alone: music and noise strung together, and babble made of many talkers.

May not set a level against a voice: everything comes at an effective value of about LEVEL.
"""

from __future__ import annotations

import numpy as np

from training.material import RATE, Material, Rng, Shelf, Sound, Wide
from training.rooms import reverb, rms
from training.talk import draw_piece

LEVEL = 0.05
PIECE_S = (1.0, 12.0)
GAP = 0.3
GAP_S = (0.0, 2.0)
"""Noises come and go; music does not."""
SILENT = 1e-4
TALKERS = (5, 20)
TALKER_DB = (-6.0, 6.0)
TALKER_PAUSE_S = 0.3
IN_A_ROOM = 0.8
BABBLE_S = 20
FEWEST_BABBLES = 40
MOST_BABBLES = 60
FRESH_BABBLE = 0.05
"""Babble is dear to make: a store of it is kept, read from any place, and slowly renewed."""


def fill(rng: Rng, shelf: Shelf, length: int, gaps: bool) -> Sound:
    """Pieces of recordings one after the other, each brought to LEVEL."""
    out = np.zeros(length, np.float32)
    at = 0
    while at < length:
        whole = shelf.draw(rng)[1]
        size = min(length - at, int(rng.uniform(*PIECE_S) * RATE), len(whole))
        start = rng.integers(0, len(whole) - size + 1)
        piece: Wide = whole[start : start + size]
        if rms(piece) > SILENT:
            piece = piece / rms(piece) * LEVEL
        out[at : at + size] = piece
        at += size
        if gaps and rng.random() < GAP:
            at += int(rng.uniform(*GAP_S) * RATE)
    return out


def babble(rng: Rng, material: Material, length: int) -> Sound:
    """Five to nineteen talkers at once, mostly in one room: no one's speech."""
    out = np.zeros(length, np.float32)
    for _ in range(int(rng.integers(*TALKERS))):
        at = -int(rng.uniform(0, 3) * RATE)
        gain = 10 ** (rng.uniform(*TALKER_DB) / 20)
        while at < length:
            sound = draw_piece(rng, material, 12).sound
            level = rms(sound)
            if level < SILENT:
                continue
            begin, end = max(0, -at), min(len(sound), length - at)
            if end > begin:
                out[at + begin : at + end] += (sound / level * gain)[begin:end]
            at += len(sound) + int(rng.exponential(TALKER_PAUSE_S) * RATE)
    if rng.random() < IN_A_ROOM:
        out = reverb(rng, out, rng.uniform(0.2, 0.9), rng.uniform(0.2, 1))
    even: Sound = (out / rms(out) * LEVEL).astype(np.float32)
    return even


class BabbleStore:
    """Babble made once and used often."""

    def __init__(self) -> None:
        self._made: list[Sound] = []

    def draw(self, rng: Rng, material: Material, length: int) -> Sound:
        """Babble of up to BABBLE_S, a fresh copy."""
        if len(self._made) < FEWEST_BABBLES or rng.random() < FRESH_BABBLE:
            self._made.append(babble(rng, material, BABBLE_S * RATE))
            if len(self._made) > MOST_BABBLES:
                self._made.pop(0)
        chosen = self._made[rng.integers(len(self._made))]
        return np.roll(chosen, rng.integers(len(chosen)))[:length].copy()
