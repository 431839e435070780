"""A scenario as values: the seat, the world around it, the steps that are played, and what must come of it.

May not read a file: `callseat.scenario.load` makes these, checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audio.wav import Samples
from callseat.config import Config
from state.commands import Command
from state.ids import DeviceId, LineId
from state.words import Button, Channel


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A recording, or a part of one, at the rate of the channel it is for."""

    path: Path
    samples: Samples
    rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate


# what a step does ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RingIn:
    """Somebody calls."""

    line: LineId
    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class FarAnswers:
    """The called party picks up."""

    line: LineId


@dataclass(frozen=True, slots=True)
class FarBusy:
    """The called party is busy."""

    line: LineId


@dataclass(frozen=True, slots=True)
class FarHangsUp:
    """The far party hangs up, or gives up; `index` names one call of the phone, None: the oldest."""

    line: LineId
    index: int | None = None


@dataclass(frozen=True, slots=True)
class PressHook:
    """The agent's call key; `off_hook` and `on_hook` press only where the headset is not so already."""

    headset: DeviceId
    to: str = "press"


@dataclass(frozen=True, slots=True)
class PressMute:
    """The agent's mute key."""

    headset: DeviceId


@dataclass(frozen=True, slots=True)
class MoveBoom:
    """The agent moves the boom arm."""

    headset: DeviceId
    up: bool


@dataclass(frozen=True, slots=True)
class Press:
    """Another key of the headset."""

    headset: DeviceId
    button: Button
    long: bool = False


@dataclass(frozen=True, slots=True)
class MutePhone:
    """Somebody presses mute at the phone of a line."""

    line: LineId
    muted: bool


@dataclass(frozen=True, slots=True)
class Unplug:
    """A device or a line is pulled out; its calls live on in the phone."""

    device: DeviceId | LineId


@dataclass(frozen=True, slots=True)
class Replug:
    """It is plugged in again."""

    device: DeviceId | LineId


@dataclass(frozen=True, slots=True)
class AppAsks:
    """A desktop app asks, as at the socket; `refused` is the error kind that is expected, empty: none."""

    method: str
    command: Command
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Says:
    """Somebody speaks; the agent into every line's microphone channel, the customer on one line."""

    channel: Channel
    clip: Clip
    line: LineId | None = None
    level_dbfs: float | None = None


@dataclass(frozen=True, slots=True)
class Background:
    """From now on this is behind the voices; no clip: digital zeros."""

    channel: Channel
    clip: Clip | None
    line: LineId | None = None
    level_dbfs: float | None = None


@dataclass(frozen=True, slots=True)
class ClockJumps:
    """The wall clock is set; the loop's time goes on as it was."""

    by_s: float
    synced: bool = True


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing is heard or decided for a while: the whole loop, or the audio worker alone."""

    of: str
    for_s: float


FarAct = RingIn | FarAnswers | FarBusy | FarHangsUp
HandAct = PressHook | PressMute | MoveBoom | Press
Action = FarAct | HandAct | MutePhone | Unplug | Replug | AppAsks | Says | Background | ClockJumps | Stall


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` seconds, or `delay_s` after the `nth` `after`; neither: after the step before."""

    at: float | None = None
    after: str = ""
    nth: int = 1
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One action and its moment."""

    name: str
    action: Action
    moment: Moment = Moment()


# what must come of it --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expectation:
    """A mark that must come, behind the one expected before it.

    `in_s` is exact within `tolerance_s`, `within_s` an upper bound; both count from the last `after`.
    """

    mark: str
    after: str = ""
    in_s: float | None = None
    within_s: float | None = None
    tolerance_s: float = 0.02
    holds: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """What must be so at the end."""

    settle_s: float = 1.0
    """Played on for this long behind the last step."""
    patience_s: float = 60.0
    """A step waits at most this long for its mark."""
    never: tuple[str, ...] = ()
    promises: int | None = None
    lamps: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """The wall at the scenario's start: POSIX seconds and UTC offset."""

    wall_s: float
    utc_offset_s: int
    synced: bool = True


@dataclass(frozen=True, slots=True)
class Start:
    """How the seat is found."""

    agent: str = "1024"
    ready: bool = True
    unplugged: tuple[str, ...] = ()
    raw_while_muted: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario."""

    path: Path
    title: str
    config: Config
    clock: ClockSetting
    start: Start
    sounds: tuple[Background, ...]
    steps: tuple[Step, ...]
    expected: tuple[Expectation, ...]
    records: tuple[Mapping[str, object], ...] | None
    end: End
