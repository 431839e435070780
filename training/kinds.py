"""The kinds of scenes there are, as a table: how often each comes and what sounds in it.

May not make a sound.
"""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]

OTHER, VOICE, MUSIC = range(3)
"""What a frame is; a voice over music is a voice."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of scene."""

    name: str
    share: float
    talks: bool = False
    dense: bool = False
    """Hardly a pause: a model that only knows pauses takes a long sentence for noise."""
    babble: bool = False
    """People in the foreground whom nobody addresses: not speech."""
    music: bool = False
    held: bool = False
    """Music comes and goes while somebody talks."""
    tone: bool = False
    noise_below: float = 0.45
    """Share of scenes with recorded noise behind everything."""
    babble_below: float = 0.62
    """Up to this share, those without noise have babble behind everything; 0: none."""
    noise_gain_db: Range | None = None
    """Noise alone is louder or softer than the hiss would be."""


KINDS = (
    Kind("talk", 0.38, talks=True),
    Kind("dense", 0.14, talks=True, dense=True),
    Kind("none", 0.12, noise_below=0.80, noise_gain_db=(-5.0, 25.0)),
    Kind("music", 0.12, music=True, babble_below=0.0),
    Kind("hold", 0.08, talks=True, music=True, held=True),
    Kind("babble", 0.10, babble=True),
    Kind("tone", 0.06, talks=True, tone=True),
)

VOICE_DBFS = (-50.0, -14.0)
FAINT_DBFS = (-60.0, -45.0)
AUDIBLE = 0.8
"""Level of the voice: of most scenes, and of those in which only the pre-gain makes it audible."""
QUIET_LINE_DB = (18.0, 50.0)
NOISY_LINE_DB = (2.0, 22.0)
QUIET_LINE = 0.45
"""Voice over what is behind it, and the share of scenes on a quiet line."""
UNTALKED_DBFS = (-75.0, -45.0)
"""Level of the bed where nobody talks."""
HUMMED = 0.15
HISS_UNDER_HUM = 0.3
HISS_UNDER_BED = 0.2
LEAST_HISS_DBFS = -80.0
BABBLE_DBFS = (-52.0, -18.0)
MUSIC_DBFS = (-45.0, -14.0)
MUSIC_PART = 0.4
"""Share of music scenes in which it begins late and ends early."""
TONE_DBFS = (-40.0, -12.0)
STRAY_TONE = 0.04
"""Share of all other scenes in which a tone sounds too."""
TELEPHONE = 0.55
DEAD_START = 0.06
"""Share of scenes that begin with digital zero."""
