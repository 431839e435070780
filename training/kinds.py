"""The kinds of scenes there are and the mixtures of them, as tables: what sounds, how often, how loud.

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
    talks: bool = False
    words: bool = False
    """Said one by one, quickly, with long pauses: rare in talk, and as short as a cough."""
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
    crowded: bool = True
    """Babble may be behind everything."""
    noise_gain_db: Range | None = None
    """Noise alone is louder or softer than the hiss would be."""
    coughed: float = 0.1
    """Share of scenes in which somebody coughs, sneezes or cries: a throat, and not speech."""


KINDS = (
    Kind("talk", talks=True, coughed=0.4),
    Kind("dense", talks=True, dense=True),
    Kind("none", noise_below=0.80, noise_gain_db=(-5.0, 25.0), coughed=0.5),
    Kind("music", music=True, crowded=False),
    Kind("hold", talks=True, music=True, held=True),
    Kind("babble", babble=True),
    Kind("tone", talks=True, tone=True),
    Kind("words", talks=True, words=True, coughed=0.3),
)


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a set of scenes is made of."""

    shares: tuple[float, ...]
    """Of each of KINDS, in their order."""
    telephone: float
    """Share of scenes that pass a telephone line."""
    quiet_line: float
    """Share of scenes with QUIET_LINE_DB of voice over what is behind it."""
    noisy_line_db: Range
    """The same ratio in all others."""
    babble_below: float
    """Up to this share, scenes without noise have babble behind everything."""
    music_below: float
    """Up to this share, talk with neither has music behind it; 0: none."""
    coughed: float | None = None
    """Share of all scenes in which somebody coughs; None: as often as each kind says."""


MIXTURES = {
    "easy": Mixture((0.38, 0.14, 0.12, 0.12, 0.08, 0.10, 0.06, 0.0), 0.70, 0.45, (2.0, 22.0), 0.62, 0.0),
    "coughs": Mixture(
        (0.42, 0.06, 0.27, 0.05, 0.15, 0.05, 0.0, 0.0), 0.70, 0.45, (2.0, 22.0), 0.62, 0.0, 1.0
    ),
    "words": Mixture((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0), 0.70, 0.75, (2.0, 22.0), 0.62, 0.0),
    "hard": Mixture((0.35, 0.45, 0.05, 0.05, 0.0, 0.10, 0.0, 0.0), 0.80, 0.10, (-3.0, 12.0), 0.70, 0.85),
}
"""Calls as they are; such calls with a cough in each; single words; talk that is nearly drowned."""

VOICE_DBFS = (-50.0, -14.0)
FAINT_DBFS = (-60.0, -45.0)
AUDIBLE = 0.8
"""Level of the voice: of most scenes, and of those in which only the pre-gain makes it audible."""
QUIET_LINE_DB = (18.0, 50.0)
"""Voice over what is behind it, on a quiet line."""
UNTALKED_DBFS = (-75.0, -45.0)
"""Level of the bed where nobody talks."""
HUMMED = 0.15
HISS_UNDER_HUM = 0.3
HISS_UNDER_BED = 0.2
LEAST_HISS_DBFS = -80.0
BABBLE_DBFS = (-52.0, -18.0)
MUSIC_DBFS = (-45.0, -14.0)
MUSIC_PART = 0.6
"""Share of music scenes in which it begins late and ends early."""
FADED = 0.6
FADE_S = (0.05, 2.0)
"""Share of its begins and ends that are no splice, and how long those take."""
TONE_DBFS = (-40.0, -12.0)
FITS = (1, 4)
RECORDED_FIT = 0.5
FIT_OVER_VOICE_DB = (-12.0, 12.0)
"""How many fits of coughing there are, the share of recorded ones, and how loud they are."""
DROWNING = 0.3
"""Of the level of the voice: a cough over it leaves a voice that nobody could follow."""
STRAY_TONE = 0.04
"""Share of all other scenes in which a tone sounds too."""
DEAD_START = 0.06
"""Share of scenes that begin with digital zero."""
