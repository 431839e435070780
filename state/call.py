"""One call: its state, what is asked of its line, and its record.

May not look at other calls, the headset or the sound; `state.seat` couples it to the rest.
"""

from __future__ import annotations

from dataclasses import replace

from state.commands import (
    Answer,
    CompleteTransfer,
    HangUp,
    Hold,
    Join,
    LineCommand,
    Reject,
    Retrieve,
    SendDigits,
    Swap,
    Transfer,
)
from state.cues import CueId
from state.desk import Desk
from state.events import CallCleared, CallFailed
from state.ids import CallId, LineId, RecordId
from state.machine import Region
from state.rows import Breach, CallRow
from state.tables import CALL
from state.words import Basis, By, CallState, Cause, Channel, Direction

ENGAGED = frozenset({CallState.DIALING, CallState.RINGBACK, CallState.CONNECTED, CallState.HELD})
"""States in which the agent is at work on the call."""
OFFERED = frozenset({CallState.RINGING, CallState.WAITING})


class Call(Region[CallState]):
    """One call of one line."""

    table = CALL

    def __init__(self, desk: Desk, line: LineId, call: CallId, direction: Direction) -> None:
        super().__init__()
        self.desk = desk
        self.row = CallRow(RecordId(""), line, call, direction, "", self.state)
        """What is on record of the call; its state and its sums of speech are put in when it is written."""
        self.spoken_s = dict.fromkeys(Channel, 0.0)
        """Grows at every pause of either side."""
        self.key = str(call)
        """Owner of this call's timers; stays when the line gives the call another name."""
        self.customer = ""
        self.matter = ""
        self.since = desk.at
        self.established_at: float | None = None
        self.pending = ""
        self.asked_by_us = ""
        self.adopted = False
        self.lost = False
        self.hinted: dict[CueId, tuple[float, bool]] = {}
        """Hints about its sound: when each was given, and whether what it was about is over since."""
        self._held_since: float | None = None
        self._unbroken: tuple[tuple[Breach, ...], str] | None = None
        """Breaches and closing as they were before a hang-up was asked for."""

    @property
    def id(self) -> CallId:
        """As its line names it."""
        return self.row.call

    @property
    def line(self) -> LineId:
        """The line it is on."""
        return self.row.line

    @property
    def direction(self) -> Direction:
        """Who called whom."""
        return self.row.direction

    @property
    def number(self) -> str:
        """The customer's number; empty: withheld, or not known yet."""
        return self.row.number

    @property
    def name(self) -> str:
        """The customer's name as the line tells it."""
        return self.row.name

    @property
    def record(self) -> RecordId:
        """Its record."""
        return self.row.record

    # actions named in the table ------------------------------------------------------------------

    def open(self) -> None:
        """A new call, or one adopted from an earlier run, which keeps its record."""
        self.since = self.desk.at
        if not self.adopted:
            record, delivered = self.desk.new_record(), self.desk.stamp()
            self.row = replace(self.row, record=record, agent=self.desk.agent, delivered=delivered)
        self.write()

    def connect(self) -> None:
        """Both sides are connected for the first time."""
        self.since = self.established_at = self.desk.at
        self.pending = ""
        established = self.row.established or self.desk.stamp()
        self.row = replace(self.row, agent=self.desk.agent, established=established)
        self.write()

    def note(self) -> None:
        """The state changed in a way the record does not follow."""
        self.since = self.desk.at

    def hold(self) -> None:
        """On hold here."""
        self.since = self.desk.at
        self.pending = ""
        self._held_since = self.desk.at
        self.row = replace(self.row, hold_count=self.row.hold_count + 1)

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
        self.row = replace(self.row, cleared=self.desk.stamp())
        if isinstance(event, CallCleared | CallFailed):
            cause = Cause.TRANSFER if self.pending == "transfer" else event.cause
            self.row = replace(self.row, cause=cause, by=self._ended_by(event.by))
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

    def send_swap(self) -> None:
        """Ask the line to exchange this call and its held one."""
        self._send("swap", Swap(self.id))

    def send_join(self) -> None:
        """Ask the line to make one conference of this held call and its connected one."""
        self._send("join", Join(self.id))

    def send_transfer(self) -> None:
        """Ask the line to send the call on."""
        command = self.payload
        if isinstance(command, Transfer):
            self.go_with_it()
            self.desk.ask(self.line, replace(command, call=self.id))

    def send_complete_transfer(self) -> None:
        """Ask the line to connect this call with its held one."""
        self.go_with_it()
        self.desk.ask(self.line, CompleteTransfer(self.id))

    def go_with_it(self) -> None:
        """The call is being passed on: its end is no hang-up."""
        self.pending = self.asked_by_us = "transfer"

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
        row = self.row
        self.desk.record(
            replace(
                row,
                state=self.state,
                cause_s={cause: round(s, 3) for cause, s in row.cause_s.items()},
                near_spoken_s=round(self.spoken_s[Channel.NEAR], 3),
                far_spoken_s=round(self.spoken_s[Channel.FAR], 3),
                hold_s=round(row.hold_s, 3),
                muted_s=round(row.muted_s, 3),
            )
        )

    def breach(self, rule: str, evidence: str) -> None:
        """A rule was broken, and that is sensed."""
        breach = Breach(rule, self.desk.at, Basis.SENSED, evidence)
        self.row = replace(self.row, breaches=(*self.row.breaches, breach))

    def before_hanging_up(self) -> None:
        """What the hang-up breaks is on record from the request on, until it turns out to have failed."""
        self._unbroken = self.row.breaches, self.row.closing

    def command_failed(self) -> None:
        """What was asked of the line came to nothing: a hang-up that ended no call broke no rule."""
        if self.pending == "hang_up" and self._unbroken is not None:
            breaches, closing = self._unbroken
            self.row = replace(self.row, breaches=breaches, closing=closing)
        self._unbroken = None
        self.pending = self.asked_by_us = ""

    def adopt(self, row: CallRow, gap_s: float) -> None:
        """This call is the one an earlier run was recording: its record goes on."""
        self.adopted = True
        self.spoken_s = {Channel.NEAR: row.near_spoken_s, Channel.FAR: row.far_spoken_s}
        number, name = self.number or row.number, self.name or row.name
        self.row = replace(row, call=self.id, number=number, name=name, gap_s=row.gap_s + gap_s)

    def lose(self, cause: Cause) -> CallCleared:
        """The event that ends a call its line no longer knows."""
        return CallCleared(self.desk.at, "seat", self.line, self.id, cause, By.UNKNOWN)

    def _count_hold(self) -> None:
        if self._held_since is not None:
            hold_s = self.row.hold_s + self.desk.at - self._held_since
            self.row = replace(self.row, hold_s=hold_s)
            self._held_since = None

    def _send(self, pending: str, command: LineCommand) -> None:
        self.pending = pending
        self.desk.ask(self.line, command)

    def _ended_by(self, told: By) -> By:
        """Our own request is certain knowledge; otherwise the line's word, unknown included."""
        return By.LOCAL if self.asked_by_us else told
