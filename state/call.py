"""One call: its state, what is asked of its line, and its record.

May not look at other calls, the headset or the sound; `state.seat` couples it to the rest.
"""

from __future__ import annotations

from dataclasses import replace

from state.commands import Answer, HangUp, Hold, LineCommand, Reject, Retrieve, SendDigits
from state.desk import Desk
from state.events import CallCleared, CallFailed
from state.ids import CallId, LineId, RecordId
from state.machine import Region
from state.rows import CallRow
from state.tables import CALL
from state.tally import Tally
from state.words import By, CallState, Cause, Direction

ENGAGED = frozenset({CallState.DIALING, CallState.RINGBACK, CallState.CONNECTED, CallState.HELD})
"""States in which the agent is at work on the call."""
OFFERED = frozenset({CallState.RINGING, CallState.WAITING})


class Call(Region[CallState]):
    """One call of one line."""

    table = CALL

    def __init__(self, desk: Desk, line: LineId, call: CallId, direction: Direction) -> None:
        super().__init__()
        self.desk = desk
        self.line = line
        self.id = call
        self.key = str(call)
        """Owner of this call's timers; stays when the line gives the call another name."""
        self.direction = direction
        self.number = ""
        self.name = ""
        self.customer = ""
        self.matter = ""
        self.record = RecordId("")
        self.since = desk.at
        self.established_at: float | None = None
        self.pending = ""
        self.adopted = False
        self.lost = False
        self._held_since: float | None = None
        self.asked_by_us = ""
        self.tally = Tally()
        self.key = str(call)
        """Whose deadlines these are; stays when a line gives the call another name."""

    # actions named in the table ------------------------------------------------------------------

    def open(self) -> None:
        """A new call, or one adopted from an earlier run, which keeps its record."""
        self.since = self.desk.at
        if not self.adopted:
            self.record = self.desk.new_record()
            self.tally.agent = self.desk.agent
            self.tally.delivered = self.desk.stamp()
        self.write()

    def connect(self) -> None:
        """Both sides are connected for the first time."""
        self.since = self.established_at = self.desk.at
        self.pending = ""
        self.tally.agent = self.desk.agent
        if self.tally.established is None:
            self.tally.established = self.desk.stamp()
        self.write()

    def note(self) -> None:
        """The state changed in a way the record does not follow."""
        self.since = self.desk.at

    def hold(self) -> None:
        """On hold here."""
        self.since = self.desk.at
        self.pending = ""
        self._held_since = self.desk.at
        self.tally.hold_count += 1

    def retrieve(self) -> None:
        """Back from hold."""
        self._count_hold()
        self.since = self.desk.at
        self.pending = ""
        if self.established_at is None:
            self.established_at = self.desk.at

    def close(self) -> None:
        """Over: the seat writes the record once every region has added its facts."""
        event = self.payload
        self.tally.cleared = self.desk.stamp()
        if isinstance(event, CallCleared | CallFailed):
            self.tally.cause, self.tally.by = event.cause, self._ended_by(event.by)
        self._count_hold()
        self.pending = ""

    def send_answer(self) -> None:
        """Ask the line to answer."""
        self._send("answer", Answer(self.id))

    def send_reject(self) -> None:
        """Ask the line to refuse."""
        self.asked_by_us = "reject"
        self._send("reject", Reject(self.id))

    def send_hang_up(self) -> None:
        """Ask the line to end the call."""
        self.asked_by_us = "hang_up"
        self._send("hang_up", HangUp(self.id))

    def send_hold(self) -> None:
        """Ask the line to hold."""
        self._send("hold", Hold(self.id))

    def send_retrieve(self) -> None:
        """Ask the line to take the call back."""
        self._send("retrieve", Retrieve(self.id))

    def send_digits(self) -> None:
        """Send keyed digits; they are kept nowhere."""
        command = self.payload
        if isinstance(command, SendDigits):
            self.desk.ask(self.line, replace(command, call=self.id))

    def connected_s(self, at: float) -> float:
        """Seconds from the connection to `at`; 0 before it."""
        return 0.0 if self.established_at is None else max(0.0, at - self.established_at)

    # the record ----------------------------------------------------------------------------------

    def write(self) -> None:
        """Have the row written as it stands."""
        self.desk.record(self.row())

    def row(self) -> CallRow:
        """The record as it stands."""
        tally = self.tally
        return CallRow(
            record=self.record,
            line=self.line,
            call=self.id,
            direction=self.direction,
            number=self.number,
            state=self.state,
            name=self.name,
            agent=tally.agent,
            delivered=tally.delivered,
            established=tally.established,
            cleared=tally.cleared,
            cause=tally.cause,
            by=tally.by,
            silent_stage=tally.silent_stage,
            silent_outcome=tally.silent_outcome,
            cause_s={cause: round(s, 3) for cause, s in tally.cause_s.items()},
            cues=tuple(tally.cues),
            first_near_s=tally.first_near_s,
            first_far_s=tally.first_far_s,
            near_spoken_s=round(tally.near_spoken_s, 3),
            far_spoken_s=round(tally.far_spoken_s, 3),
            hold_s=round(tally.hold_s, 3),
            hold_count=tally.hold_count,
            muted_s=round(tally.muted_s, 3),
            gap_s=tally.gap_s,
            closing=tally.closing,
            breaches=tuple(tally.breaches),
            category=tally.category,
            note=tally.note,
        )

    def adopt(self, row: CallRow, gap_s: float) -> None:
        """This call is the one an earlier run was recording."""
        self.adopted = True
        self.record = row.record
        self.name = self.name or row.name
        self.number = self.number or row.number
        self.tally.resume(row, gap_s)

    def lose(self, cause: Cause) -> CallCleared:
        """The event that ends a call its line no longer knows."""
        return CallCleared(self.desk.at, "seat", self.line, self.id, cause, By.UNKNOWN)

    def _count_hold(self) -> None:
        if self._held_since is not None:
            self.tally.hold_s += self.desk.at - self._held_since
            self._held_since = None

    def _send(self, pending: str, command: LineCommand) -> None:
        self.pending = pending
        self.desk.ask(self.line, command)

    def _ended_by(self, told: By) -> By:
        """Our own request is certain knowledge; otherwise the line's word, unknown included."""
        return By.LOCAL if self.asked_by_us else told
