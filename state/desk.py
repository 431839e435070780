"""What every region of the seat shares while one event is decided: the time, the settings, the outbox.

May not decide anything; regions append effects and cues here and arm timers.
"""

from __future__ import annotations

from state.commands import CancelCue, LineCommand, RepeatCue
from state.cues import Cue, CueId
from state.effects import CallCommand, Effect, Publish, Record, Reply
from state.ids import CallId, LineId, RecordId, RequestId
from state.rows import Row, Stamp
from state.settings import SeatSettings
from state.timers import Timers
from state.words import Audience, Basis, Direction, Urgency


class Desk:
    """The outbox and the common facts of one seat."""

    def __init__(self, settings: SeatSettings) -> None:
        self.settings = settings
        self.at = 0.0
        self.timers = Timers(settings.late_timer_s)
        self.effects: list[Effect] = []
        self.cues: list[Cue] = []
        self.coming: list[Cue] = []
        self.withdrawn: list[tuple[CallId | None, str]] = []
        self.cue_keys: list[tuple[RepeatCue | CancelCue, RequestId | None]] = []
        self.agent: str | None = None
        self.wall: tuple[float, float, bool] | None = None
        self.changed = True
        self._records = 0

    @property
    def full(self) -> bool:
        """Whether a decision left anything to be done or shown."""
        return bool(
            self.changed or self.effects or self.cues or self.withdrawn or self.coming or self.cue_keys
        )

    def is_emergency(self, number: str) -> bool:
        """Whether nothing may stand in the way of a call to this number."""
        return number in self.settings.emergency_numbers

    def stamp(self, at: float | None = None) -> Stamp:
        """A time with its wall clock, where one is known."""
        at = self.at if at is None else at
        if self.wall is None:
            return Stamp(at)
        seen_at, wall_s, synced = self.wall
        return Stamp(at, wall_s + at - seen_at, synced)

    def new_record(self) -> RecordId:
        """A record id nobody had before: the session's name and a running number."""
        self._records += 1
        return RecordId(f"{self.settings.session}-{self._records}")

    def ask(self, line: LineId, command: LineCommand) -> None:
        """Ask a line to do something."""
        self.effects.append(CallCommand(line, command))

    def record(self, row: Row) -> None:
        """Have a row written."""
        self.effects.append(Record(row))

    def publish(self, topic: str, **data: object) -> None:
        """Tell subscribers."""
        self.effects.append(Publish(topic, data))

    def reply(self, request: RequestId | None, kind: str = "", message: str = "", **data: object) -> None:
        """Answer whoever asked, if somebody did."""
        if request is not None:
            self.effects.append(Reply(request, kind, message, data))

    def cue(
        self,
        cue: CueId,
        call: CallId | None = None,
        direction: Direction | None = None,
        urgency: Urgency = Urgency.DUE,
        audience: Audience = Audience.AGENT,
        at: float | None = None,
        repeat: int = 0,
        basis: Basis = Basis.SENSED,
        **facts: str | float,
    ) -> None:
        """Want somebody told; words are chosen later."""
        when = self.at if at is None else at
        self.cues.append(Cue(cue, when, call, direction, audience, urgency, facts, repeat, basis))

    def announce(self, cue: CueId, call: CallId, direction: Direction) -> None:
        """A cue to the line is coming: its words can be made ready before its time."""
        self.coming.append(Cue(cue, self.at, call, direction, Audience.LINE))

    def withdraw(self, call: CallId | None, prefix: str = "") -> None:
        """Take back the cues of one call whose id begins with `prefix`: they are no longer true."""
        self.withdrawn.append((call, prefix))
