"""Every threshold of the fault analysers, with where it comes from; docs/sound-faults.md explains them.

May not compute. Levels are dBFS (dBov, dB re the RMS of a full-scale square wave), shares 0 to 1.
"measured" is the matrix of `script/bench faults`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from state.words import AudioFault

F = AudioFault


class Counted(StrEnum):
    """Which sound counts towards the time a fault is found in."""

    SOUND = "sound"
    """All of it."""
    SPEECH = "speech"
    """Only while somebody talks: what the fault shows in."""
    PAUSE = "pauses"
    """Only while nobody does, for PAUSE_S and PAUSE_GUARD_S or longer."""


@dataclass(frozen=True, slots=True)
class Within:
    """A fault of medium strength is found within so many seconds of the sound that counts."""

    seconds: float
    of: Counted


# what a fault and its end are judged on ------------------------------------------------------------

CONFIDENCE_WARN = 0.4
"""Confidence at the warn threshold of a fault."""
CONFIDENCE_FAIL = 0.8
"""Confidence at its fail threshold: from here on it is as good as certain that people suffer from it."""
CONFIDENCE_MOST = 0.95
CHANGED_MUCH = 0.2
"""A finding is told again when its confidence has moved by so much."""
SPEECH_SECOND_S = 0.2
"""A second with less speech says nothing about a voice."""
SPEECH_MEMORY_S = 8.0
"""Seconds with speech that the voice's level is taken over: a soft aside is not the voice."""
PAUSE_S = 0.3
"""Pauses are judged in pieces of this length: hum needs so much, and fluent talk has pauses of 0.4 s."""
PAUSE_GUARD_S = 0.1
"""The last moment before speech may be its onset; it counts for no pause."""

# digital zero, frozen --------------------------------------------------------------------------------

ZERO_S = 1.0
"""A live line has noise; a second of zeros is a mute or a dead input (Jitsi Meet waits 4 s)."""
ZERO_LSB = 1
"""Dither and a codec's idle pattern reach one step."""

# too quiet -------------------------------------------------------------------------------------------

QUIET_WARN_DBOV = -36.0
"""P.56 level; 10 dB under the -26 dBov speech is tested at. RFC 7874 aims at -22 with 6 dB either way."""
QUIET_FAIL_DBOV = -46.0
"""From here on a caller hears hardly anything."""
QUIET_END_DBOV = -34.0
"""2 dB of hysteresis."""
QUIET_JUDGED_S = 1.0
"""So much speech must have been heard before its level is called hardly audible..."""
QUIET_SLIGHT_JUDGED_S = 3.0
"""...and so much before it is called low: single words vary by 6 dB."""

# poor SNR --------------------------------------------------------------------------------------------

SNR_WARN_DB = 15.0
"""P.56 level over the noise floor; over 25 is good."""
SNR_FAIL_DB = 10.0
SNR_END_DB = 17.0
SNR_FLOOR_SHARE = 0.05
"""The noise floor is the level that so many frames stay under."""
SNR_MEMORY_S = 8.0
"""Long enough to hold a breath or a closed stop of any talker."""
SNR_JUDGED_S = 3.0
"""So much sound, with a second of speech in it, before anything is said."""
SNR_SILENCE_DBFS = -85.0
"""Frames below are no noise floor but a noise gate or a codec's silence."""

# clipping --------------------------------------------------------------------------------------------

CLIP_TOP_SHARE = 0.97
"""Samples over this share of the window's peak are its top: one step of G.711, whose steps are 3 to 6 %."""
CLIP_NEXT_SHARE = 0.85
"""Samples from here to the top are what the top is compared with: speech has fewer the higher it gets."""
CLIP_TOP_OVER_NEXT = 0.65
"""Measured: speech reaches 0.6 where it has so many tops; a sine has 0.8, and is no speech."""
CLIP_STEPS = 3
"""So many values lie up there, or the sound's own steps look like tops; through G.711 three to five."""
CLIP_WARN_SHARE = 0.0005
"""Of the samples of the window."""
CLIP_FAIL_SHARE = 0.005
CLIP_SHORT_S = 2.0
"""The window, of seconds with speech: quick..."""
CLIP_LONG_S = 6.0
"""...and for who is seldom loud. Up and down are judged apart: an offset, or half a wave, is cut at one."""
CLIP_TOPS = 5
"""So many pieces of the window hold a top: one burst, or a puff of air, is not clipping."""
CLIP_TOP_S = 0.01
"""Length of such a piece."""
CLIP_LONGEST_S = 0.01
"""What stays up there for longer is stuck: half a wave of the lowest voice is 6 ms."""
CLIP_PEAK_DBFS = -40.0
"""Below, steps of the samples themselves look like flat tops."""
CLIP_SPEECH_MEMORY_S = 6.0
"""Over when so many seconds with speech had no flat top."""

# offset ----------------------------------------------------------------------------------------------

OFFSET_WARN_PERCENT = 1.0
"""Of full scale, mean of 2 s; 2 % lift a floor of -56 dBFS to -35."""
OFFSET_FAIL_PERCENT = 5.0
OFFSET_END_PERCENT = 0.7

# hum -------------------------------------------------------------------------------------------------

HUM_MAINS_HZ = (50.0, 60.0)
HUM_TOP_HZ = 360.0
"""A telephone passes harmonics from 300 on; higher up lie call-progress tones (450 is 9 x 50)."""
HUM_BAND_HZ = (40.0, 1000.0)
"""What the lines are compared with."""
HUM_LINE_HZ = 6.7
"""Half width of a line: the main lobe of a Hann window of 0.3 s; a grid is off by 0.2 Hz at most."""
HUM_WARN_SHARE = 0.5
"""Measured elsewhere: speech has up to 0.1 of its power there, machines 0.34, hum 1.0."""
HUM_END_SHARE = 0.4
HUM_WARN_DBFS = -55.0
HUM_FAIL_DBFS = -40.0
HUM_END_DBFS = -58.0
HUM_LINE_OVER = 4.0
"""A harmonic counts when its line holds so many times the power of what is beside it (6 dB)."""
HUM_LINES = 2
"""A single line is a tone or a motor."""
HUM_PIECE_S = 0.3
"""Of sound that is looked at as one: both grids fall on its lines of 3.3 Hz."""
HUM_STEP_S = 0.1
"""From piece to piece: between two words there may be no more than one."""
HUM_MEMORY_S = 4.0
HUM_JUDGED_S = 2.0
"""Of sound, talk or not."""
HUM_QUIET_SHARE = 0.25
"""Hum is under everything: all but so many pieces hold its lines, and the quiet ones little else."""

# loud background -------------------------------------------------------------------------------------

BACKGROUND_WARN_DBFS = -45.0
"""Median level of the pauses."""
BACKGROUND_FAIL_DBFS = -38.0
BACKGROUND_END_DBFS = -47.0
BACKGROUND_LEAST_SHARE = 0.1
BACKGROUND_STEADY_DB = 3.0
"""All but so much of what is heard lies no further below. What stops is none: it may be a missed voice."""
BACKGROUND_HEARD_S = 6.0
"""Of everything, talk or not: between its words a missed voice shows the quiet that it stands before."""
BACKGROUND_LEAST_HEARD_S = 2.0
"""A call that begins with a noise has no loud background yet."""
BACKGROUND_MEMORY_S = 1.8
"""Of pauses: noise fills most of them, and of one of 0.5 s only 0.3 s count."""
BACKGROUND_JUDGED_S = 1.2

# breath pops -----------------------------------------------------------------------------------------

POP_BAND_HZ = (15.0, 75.0)
"""A puff on the microphone is strongest here, and no voice has its fundamental here."""
POP_LEVEL_DBFS = -32.0
"""Level of the band in a frame: where a puff can be heard on a telephone's ear-piece."""
POP_OVER_SPEECH_DB = -6.0
"""And no further under the voice than this."""
POP_OVER_USUAL_DB = 12.0
"""Over the band's usual level: hum and traffic are there all the time, a puff is not."""
POP_LONGEST_S = 0.3
POP_WARN = 3
"""Puffs within the memory: anybody may cough."""
POP_FAIL = 8
POP_MEMORY_S = 8.0
"""Seconds with speech."""

# gaps ------------------------------------------------------------------------------------------------

GAP_SHORTEST_S = 0.005
"""Shorter runs of one value happen in quiet G.711."""
GAP_LONGEST_S = 0.2
"""Longer ones are pauses of a noise gate or of discontinuous transmission."""
GAP_EDGE_S = 0.003
"""The sound beside a gap is looked at for so long."""
GAP_EDGE_DBFS = -54.0
"""Mean size of the samples there: speech that stops by itself has faded further."""
REPEAT_LAGS_S = (0.01, 0.02, 0.03, 0.04, 0.06)
"""Lengths of packets that are played again in place of a lost one."""
REPEAT_DBFS = -60.0
"""Measured: at 6 dB less soft sound in G.711 repeats itself by chance."""
REPEAT_LONGEST_S = 0.13
"""A machine's tone repeats itself for longer (two packets of the longest kind)."""
CLICK_OVER = 25.0
"""A sample's distance from what its neighbours say, over the median around; measured: speech has up to 22."""
CLICK_BENT = 1.25
"""A click or a jump is bent as much as it is wrong (1.0), the corner of a clipped wave half as much again."""
CLICK_ALONE = 3.0
"""And so many times any other that near: a pressed or creaking voice has sharp pulses every 2 to 40 ms..."""
CLICK_ALONE_S = 0.04
"""...measured: half of a voice's sharpest reach 2, of clicks put in one in fifty is below 3.3."""
CLICK_DBFS = -22.0
"""Size of that error: a click that can be heard over speech."""
GAP_WARN = 3
"""Within the memory; one may be an accident."""
GAP_FAIL = 12
GAP_MEMORY_S = 8.0
"""Seconds with speech."""

# hands-free ------------------------------------------------------------------------------------------

DECAY_BANDS_HZ = (200.0, 500.0, 1000.0, 1800.0, 2600.0, 3700.0)
"""Edges of the bands; the fall of the level is the median over them: a lone tone's echo comes and goes."""
DECAY_LEAST_BANDS = 2
"""So many bands must be far over their noise."""
DECAY_FRAMES = 5
"""The fall over 100 ms is what is measured, everywhere."""
DECAY_QUANTILE = 0.93
"""The steep falls: a mouth closes in no time, a room needs its own."""
DECAY_SNR_DB = 20.0
"""The voice (P.56) must lie so far over the noise: the end of a fall that noise hides is its steep part."""
DECAY_FROM_FLOOR_DB = 25.0
"""Only what begins so far over the noise floor counts: a fall that ends in it is still a steep one."""
DECAY_WARN_DB = 15.8
"""Measured: clean speech 16.7 and more; a room of 0.5 s reverberation allows 12, and gives 11 to 15.2."""
DECAY_STRONG_DB = 11.0
DECAY_END_DB = 17.0
DECAY_FALLS = 200
"""So many are judged, the last ones, of 5 to 20 in a second of talk: fewer may be one soft sentence..."""
DECAY_FEW_FALLS = 120
DECAY_FEW_WARN_DB = 12.0
"""...of which so many must be as slow as this, with a line between. Measured: clean speech 12.2 and more."""
HANDS_FREE_CONFIDENCE = 0.6
"""It stays a proposal: a recording can be reverberant for other reasons."""

# found within -----------------------------------------------------------------------------------------

FOUND_WITHIN: dict[AudioFault, Within] = {
    F.DIGITAL_ZERO: Within(1.0, Counted.SOUND),
    F.FROZEN: Within(1.0, Counted.SOUND),
    F.TOO_QUIET: Within(10.0, Counted.SPEECH),
    F.POOR_SNR: Within(10.0, Counted.SPEECH),
    F.CLIPPING: Within(8.0, Counted.SPEECH),
    F.OFFSET: Within(4.0, Counted.SOUND),
    F.HUM: Within(6.0, Counted.PAUSE),
    F.LOUD_BACKGROUND: Within(6.0, Counted.PAUSE),
    F.BREATH_POPS: Within(6.0, Counted.SPEECH),
    F.GAPS: Within(6.0, Counted.SPEECH),
    F.HANDS_FREE: Within(20.0, Counted.SPEECH),
}

# both channels: one repeats the other -------------------------------------------------------------------

REPEAT_CORRELATION = 0.5
"""Of the band envelopes at the best delay. Measured: two talkers at once reach 0.43, echoes 0.6 to 0.95."""
REPEAT_END_CORRELATION = 0.4
REPEAT_STEADY = 0.6
"""Share of the seconds whose own best delay that is: chance has a new one each second."""
COUPLING_WARN_DB = 25.0
"""Loss on the way, of a leak or an echo. ITU-T G.131 and P.310 want 45 of a terminal, G.168 expects 6."""
COUPLING_FAIL_DB = 15.0
COUPLING_END_DB = 28.0
COUPLING_LEAST_DB = -8.0
"""A microphone may be turned up; more, and it is near that comes back, within one step of the delay."""
ECHO_LEAST_DB = 0.0
"""An echo is no louder than what it is an echo of."""

# both channels: one way ---------------------------------------------------------------------------------

TURN_PAUSE_S = 1.0
"""Speech after such a pause is a turn: somebody waited for an answer."""
ONE_WAY_TURNS = 3
ONE_WAY_TALK_S = 8.0
ONE_WAY_SILENT_S = 15.0
"""One side talks so often and so long, and the other has no voice for so long."""
ONE_WAY_ZERO_DBFS = -88.0
"""A frame below is digital zero, or one step of dither."""
ONE_WAY_ZERO_SHARE = 0.9
ONE_WAY_DROP_DB = 10.0
"""A line that stops carrying a room loses its noise; somebody who stops talking does not."""
ONE_WAY_TONE_SHARE = 0.1
"""A channel with tones is not connected yet, or no more: no fault."""
ONE_WAY_ZERO_CONFIDENCE = 0.9
ONE_WAY_DROPPED_CONFIDENCE = 0.8
ONE_WAY_HUSHED_CONFIDENCE = 0.3
"""Below a warning: who listens for long sounds the same."""
ONE_WAY_NEVER_CONFIDENCE = 0.2
"""A silent customer is normal."""

# both channels: wrong device ----------------------------------------------------------------------------

MONITOR_CORRELATION = 0.8
"""A copy without a room between: measured over 0.9."""
MONITOR_LAG_S = 0.04
MONITOR_LOSS_DB = 12.0
"""Either way: a monitor has a volume of its own."""
MONITOR_OWN_SHARE = 0.1
"""Of near's speech; whoever talks at this desk talks while the other side is silent."""
MONITOR_TALK_S = 6.0
MONITOR_TURNS = 2
NOBODY_S = 30.0
NOBODY_TALK_S = 8.0
NOBODY_TURNS = 4
NOBODY_LIVE_DBFS = -85.0
"""Less is no open microphone but a dead one."""
NOBODY_CONFIDENCE = 0.6
ROOM_LEVEL_DBFS = -42.0
"""A mouth at its own microphone is louder; 16 dB under the level speech is tested at."""
ROOM_WARN_DB = 21.0
"""Voiced frames over the noise floor: a distant voice is low, its room is not; mouths are 30 over it."""
ROOM_FAIL_DB = 14.0
ROOM_END_DB = 24.0
ROOM_JUDGED_S = 2.0
"""Of voiced frames while the other side is silent: anybody begins softly now and then."""
ROOM_MEMORY_S = 6.0
MONITOR_CONFIDENCE = 0.8

PAIR_FOUND_WITHIN: dict[AudioFault, Within] = {
    F.COUPLING: Within(6.0, Counted.SPEECH),
    F.ECHO: Within(6.0, Counted.SPEECH),
    F.ONE_WAY: Within(30.0, Counted.SOUND),
    F.WRONG_DEVICE: Within(45.0, Counted.SOUND),
}
"""Speech of the side that is repeated; else all sound, of a dialogue in which both have their turns."""
