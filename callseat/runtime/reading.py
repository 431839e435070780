"""How long a prompt takes that nobody renders: the agent reads it on the display.

May not know a device or a clock.
"""

from __future__ import annotations

import re

SYLLABLES_PER_S = 4.5
"""A newsreader's Mandarin is 4 to 5 syllables/s; a cue that is read is taken in at about the same pace."""
SHORTEST_S = 0.5
"""Even one word takes a glance."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_VOWELS = re.compile(r"[aeiouy]+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")


def reading_time_s(text: str) -> float:
    """Seconds for a text: one syllable per Han character or digit, one per group of Latin vowels."""
    syllables = len(_HAN.findall(text)) + len(_DIGIT.findall(text)) + len(_VOWELS.findall(text))
    return max(SHORTEST_S, syllables / SYLLABLES_PER_S)
