"""The AT engine: one line of one device, bytes and commands in, call events and bytes out.

May not trust an unsolicited line where the call list can be read: it only says "ask again". Never writes
ATZ or a bare AT, never probes while something rings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devices.at import said
from devices.at.calls import CallTable, RingTimer
from devices.at.grammar import Final, Meaning, Notice, read_final, read_notice, unglue
from devices.at.lexer import Lexer
from devices.at.performer import Performer
from devices.at.profiles import NEEDS_LIST, Profile, missing
from devices.at.queue import URGENT, Ask, CommandQueue, Flight, Kind
from devices.at.tracker import Tracker
from devices.at.values import ListedCall, hook_state, indicator_names, listed_call
from devices.line_calls import OFFERED, UNSETTLED
from state.commands import LineCommand
from state.engine import NOTHING, Step, Write
from state.errors import ProtocolError
from state.events import (
    DigitsReceived,
    Event,
    LineInService,
    LineMuteReported,
    LineOutOfService,
)
from state.ids import LineId
from state.words import CallState, Cause

RETRY_S = 5.0
"""A lost device is tried again this often; its port may also be opened anew, which is another `start`."""
MAX_REPLY_LINES = 64
BELIEF_S = 1.0
"""A host that reads the list after a command does so within this; then its bare OK has to do."""


@dataclass(frozen=True, slots=True)
class AtCounts:
    """What went wrong on a line since the engine was made.

    `stray_finals`: results of no command; `dropped_bytes`: noise without a line end; `rearmed`: commands that
    went unanswered, after which the dialogue was drained and begun anew.
    """

    stray_finals: int
    dropped_bytes: int
    rearmed: int


class _Phase(StrEnum):
    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    LOST = "lost"


class AtEngine:
    """Engine of one AT line; `start` it when its port is open, `stop` it when the port is gone."""

    def __init__(self, line: LineId, profile: Profile, *, observing: bool = False) -> None:
        self._line = line
        self._profile = profile
        self._observing = observing
        times = profile.timeouts
        self._queue = CommandQueue(Ask(profile.sync_command, Kind.SYNC, times.query_s, priority=URGENT))
        self._lexer = Lexer(shielded=profile.shielded)
        self._table = CallTable(line)
        self._rings = RingTimer(profile.ring_timeout_s, profile.ring_timeout_factor)
        self._tracker = Tracker(
            self._table,
            self._rings,
            by_finals_only=not profile.list_command,
            patience_s=BELIEF_S if observing else 0.0,
        )
        self._listing = bool(profile.list_command)
        self._indicators: tuple[str, ...] = ()
        self._phase = _Phase.READY if observing else _Phase.OFF
        self._numeric = True
        self._asked_numeric = False
        self._serial = 0
        self._poll_at: float | None = None
        self._retry_at: float | None = None
        self._rang_at: float | None = None
        self._told_out = False
        self._hinted = False
        self._performer = Performer(line, profile, self._table, self._queue)
        self._events: list[Event] = []
        self._writes: list[Write] = []
        self._stray_finals = self._dropped_bytes = self._rearmed = 0
        self._off_hook: bool | None = None
        self._unoffered: frozenset[str] = frozenset()
        self._unsolicited: list[str] = []

    @property
    def counts(self) -> AtCounts:
        """What went wrong so far."""
        return AtCounts(self._stray_finals, self._dropped_bytes + self._lexer.dropped_bytes, self._rearmed)

    # the engine shape ------------------------------------------------------------------------

    def start(self, at: float) -> Step:
        """Begin the dialogue on a fresh port; ends in LineInService or LineOutOfService."""
        self._phase = _Phase.STARTING
        self._dropped_bytes += self._lexer.dropped_bytes
        self._lexer = Lexer(shielded=self._profile.shielded)
        self._numeric = True
        self._off_hook = None
        self._hinted = False
        self._retry_at = self._poll_at = None
        self._queue.clear()
        for text in self._profile.init:
            self._queue.submit(Ask(text, Kind.INIT, self._profile.timeouts.ordinary_s, priority=2))
        if self._profile.list_command:
            self._ask_list()
        else:
            if self._profile.hook_query:
                self._queue.submit(
                    Ask(self._profile.hook_query, Kind.QUERY, self._profile.timeouts.ordinary_s)
                )
            self._queue.submit(Ask(self._profile.sync_command, Kind.SYNC, self._profile.timeouts.ordinary_s))
        if self._profile.mute_query:
            self._ask_mute()
        return self._end(at)

    def stop(self, at: float, reason: str) -> Step:
        """The port is gone; calls keep their ids for the next `start`."""
        if self._phase is _Phase.OFF:
            return NOTHING
        self._go_down(at, reason, told=self._phase is not _Phase.LOST)
        self._phase = _Phase.OFF
        self._retry_at = None
        return self._end(at)

    def feed(self, data: bytes, at: float) -> Step:
        """Take bytes from the device."""
        for line in self._lexer.feed(data):
            for text in unglue(line):
                self._line_in(text, at)
        return self._end(at)

    def request(self, command: LineCommand, at: float) -> Step:
        """Carry out a command; it ends in exactly one CommandCompleted or EffectFailed."""
        ready = self._phase is _Phase.READY
        events, data = self._performer.take(command, at, in_service=ready)
        self._events += events
        self._writes += [Write(data)] if data else []
        return self._end(at)

    def advance(self, at: float) -> Step:
        """Fire every deadline that is due."""
        while (due := self.next_deadline()) is not None and due <= at:
            self._fire(due, at)
        return self._end(at)

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        ringing = self._rings.deadline() if self._trusting else None
        times = (self._queue.deadline(), self._poll_at, self._retry_at, ringing, self._tracker.deadline())
        return min((time for time in times if time is not None), default=None)

    # lines -----------------------------------------------------------------------------------

    def _line_in(self, text: str, at: float) -> None:
        flight = self._queue.current
        if flight is not None and flight.ask.kind is Kind.LIST and text.startswith(_row_prefix(flight.ask)):
            self._reply(flight, text)
            return
        final = read_final(text, numeric=self._numeric and (flight is not None or self._asked_numeric))
        if final is not None:
            self._numeric = self._numeric and text.rstrip() != "OK"
            self._final(final, flight, at)
            return
        if text.startswith(("+CLCC:", "^SLCC:")) and self._profile.list_command:
            self._row(text, at)
            return
        notice = read_notice(text, numeric=self._numeric and flight is None)
        if notice is not None:
            self._notice(notice, at)
        elif flight is not None:
            self._reply(flight, text)

    def _row(self, text: str, at: float) -> None:
        """A row of a call list nobody asked for; Cinterion ends such a list with an empty row."""
        if self._trusting and text.startswith("+CLCC:"):
            told = said.clcc(text)
            self._events += [] if told is None else self._tracker.said(told, at, self._next_serial())
        elif self._trusting and text.partition(":")[2].strip():
            self._unsolicited = [*self._unsolicited, text][-MAX_REPLY_LINES:]
        elif self._trusting:
            rows, self._unsolicited = _rows(self._unsolicited), []
            self._take_list(rows, at, self._next_serial())
        self._ask_again(at)

    def _reply(self, flight: Flight, text: str) -> None:
        if len(flight.reply) < MAX_REPLY_LINES:
            flight.reply.append(text)

    def _final(self, final: Final, flight: Flight | None, at: float) -> None:
        """A final of nobody is dropped, never credited to the next command (chan_dongle#97)."""
        if final.ambiguous and (flight is None or not flight.ask.may_connect):
            self._result(final, at)
        elif flight is None:
            self._stray_finals += 1
        else:
            self._finished(self._queue.finish(at, ok=final.ok), final, at)

    def _result(self, final: Final, at: float) -> None:
        if self._phase is not _Phase.READY:
            return
        if not final.ok:
            self._table.suggest(final.cause or Cause.UNKNOWN, self._next_serial())
        if self._trusting:
            self._events += self._tracker.result(final, at)
        self._ask_again(at)

    def _notice(self, notice: Notice, at: float) -> None:
        if notice.meaning is Meaning.CALLER_BLOCK:
            self._table.new_caller_block()
        if self._phase is _Phase.READY:
            indicator = self._indicator(notice) if notice.meaning is Meaning.INDICATOR else ""
            if notice.meaning is Meaning.RING:
                self._rang_at = at
            if notice.meaning is Meaning.DIGIT:
                self._digit(at)
            told = self._tracker.notice(notice, indicator, at, self._next_serial()) if self._trusting else []
            self._events += told
            if notice.meaning is Meaning.CALL_ENDED and not told:
                cause = notice.said.cause if notice.said is not None else None
                self._table.suggest(cause or Cause.UNKNOWN, self._next_serial())
        if notice.caller is not None:
            waiting = notice.meaning is Meaning.WAITING
            self._events += self._table.caller(notice.caller, at, waiting=waiting)
        if notice.meaning not in {Meaning.IGNORED, Meaning.DIGIT}:
            self._ask_again(at)

    def _indicator(self, notice: Notice) -> str:
        """The indicator's name, where the device numbers or names them as a hands-free link does."""
        if "callsetup" not in self._indicators:
            return ""
        known = notice.index is not None and 0 < notice.index <= len(self._indicators)
        return self._indicators[notice.index - 1] if known and notice.index else notice.indicator

    def _digit(self, at: float) -> None:
        call = self._table.first(CallState.CONNECTED)
        if call is not None:
            self._events.append(DigitsReceived(at, self._line, self._line, call.id, 1))

    @property
    def _trusting(self) -> bool:
        """Whether lines and finals are all there is: no list to read, or not ours to ask for it."""
        return self._observing or (not self._listing and self._phase is _Phase.READY)

    # finals ----------------------------------------------------------------------------------

    def _finished(self, flight: Flight, final: Final, at: float) -> None:
        if flight.ask.kind is Kind.LIST:
            self._listed(flight, final, at)
        elif flight.broken_off and final.text == "OK":
            self._hang_up_for_sure()
        elif flight.ask.kind is Kind.CALL:
            self._call_done(flight, final, at)
        elif flight.ask.kind is Kind.SYNC and self._phase is _Phase.STARTING and not self._listing:
            self._in_service(at, None)
        elif flight.ask.kind is Kind.SYNC:
            self._ask_again(at)
        self._read_reply(flight, at)

    def _hang_up_for_sure(self) -> None:
        """A dial command that was broken off may leave the line taken: iaxmodem says OK and stays on it."""
        times = self._profile.timeouts
        self._queue.submit(Ask(self._profile.hang_up, Kind.CALL, times.ordinary_s, priority=URGENT))

    def _read_reply(self, flight: Flight, at: float) -> None:
        for line in flight.reply:
            if line.startswith("+CIND:") and "(" in line:
                self._indicators = indicator_names(line)
            elif line.startswith("+CHLD:"):
                self._unoffered = missing(line)
                self._performer.profile = self._profile.without(self._unoffered)
            elif flight.ask.text == self._profile.hook_query:
                self._off_hook = hook_state(line)
            elif line.startswith("+CMUT:") and self._phase is _Phase.READY:
                self._events.append(LineMuteReported(at, self._line, self._line, line.rstrip().endswith("1")))

    def _listed(self, flight: Flight, final: Final, at: float) -> None:
        rows = _rows(flight.reply) if final.ok else None
        if self._phase is _Phase.STARTING:
            self._listing = rows is not None
            self._table.adopt(rows or [])
            self._in_service(at, rows)
            return
        self._take_list(rows, at, flight.serial)
        if rows is not None:
            self._events += self._performer.prove(at, self._next_serial())
        if not self._observing:
            self._poll_by(at + self._poll_after(at))

    def _take_list(self, rows: list[ListedCall] | None, at: float, asked: int) -> None:
        if rows is not None:
            self._events += self._table.diff(rows, at, asked)
            self._tracker.listed(at)

    def _in_service(self, at: float, rows: list[ListedCall] | None) -> None:
        self._phase = _Phase.READY
        self._told_out = False
        calls = self._table.seen() if rows is not None else None
        if rows is None:
            calls = () if self._off_hook is False else None
            self._table.adopt([])
        able = self._profile.capabilities - self._unoffered
        able = able if rows is not None else able - NEEDS_LIST
        self._events.append(LineInService(at, self._line, self._line, able, calls))
        self._poll_at = at + self._poll_after(at)
        if self._hinted:
            self._ask_again(at)

    def _poll_after(self, at: float) -> float:
        """Often while something may change unsaid, seldom when only active and held calls remain."""
        if self._table.any_in(UNSETTLED) or self._performer.proving:
            return self._profile.poll_s
        if self._rang_at is not None and at - self._rang_at < self._profile.first_ring_poll_s * 2:
            return self._profile.first_ring_poll_s
        return self._profile.idle_s

    def _call_done(self, flight: Flight, final: Final, at: float) -> None:
        if self._trusting:
            took_s = at - flight.at
            self._events += self._tracker.done(flight.ask.text, final, at, self._next_serial(), took_s)
        self._events += self._performer.answered(final, at, will_list=not self._trusting)
        if not self._trusting:
            self._ask_list()
        if self._profile.mute_query and flight.ask.text.startswith(self._profile.mute_query[:-1]):
            self._ask_mute()

    # time ------------------------------------------------------------------------------------

    def _fire(self, due: float, at: float) -> None:
        if self._retry_at is not None and due == self._retry_at:
            step = self.start(at)
            self._events += step.events
            self._writes += step.writes
        elif due == self._poll_at:
            self._poll(at)
        elif due == self._tracker.deadline():
            self._events += self._tracker.believe(at)
        elif self._trusting and due == self._rings.deadline():
            self._events += self._tracker.rings_stopped(at)
        else:
            self._queue_due(at)

    def _poll(self, at: float) -> None:
        self._poll_at = at + self._profile.idle_s
        if self._listing:
            self._ask_list()
        elif not self._table.calls:
            self._queue.submit(Ask(self._profile.sync_command, Kind.SYNC, self._profile.timeouts.query_s))

    def _queue_due(self, at: float) -> None:
        flight = self._queue.expire(at)
        if flight is None:
            self._pump(at)
            return
        if self._observing:
            self._queue.overlook()
            return
        self._rearmed += 1
        if flight.broken_off:
            self._hang_up_for_sure()
        elif flight.ask.kind is Kind.CALL:
            if self._trusting:
                self._events += self._tracker.timed_out(at)
            self._events += self._performer.give_up(at, "timeout")
        if self._queue.lost:
            self._go_down(at, "timeout", told=True)
            self._phase = _Phase.LOST
            self._retry_at = at + RETRY_S
        elif self._phase is _Phase.STARTING and flight.ask.kind is not Kind.SYNC:
            self._queue.submit(flight.ask)

    def _go_down(self, at: float, reason: str, *, told: bool) -> None:
        self._events += self._performer.drop_all(at)
        self._queue.clear()
        self._rings.stop()
        self._poll_at = None
        if told and not self._told_out:
            self._told_out = True
            self._events.append(LineOutOfService(at, self._line, self._line, reason))

    def _ask_again(self, at: float) -> None:
        if self._phase is _Phase.STARTING:
            self._hinted = True  # a call may have begun after the list that is being read was made
        elif self._phase is _Phase.READY and not self._observing and self._listing:
            self._poll_by(at + self._profile.hint_delay_s)

    def _poll_by(self, soon: float) -> None:
        self._poll_at = soon if self._poll_at is None else min(self._poll_at, soon)

    def _ask_list(self) -> None:
        times = self._profile.timeouts
        self._queue.submit(Ask(self._profile.list_command, Kind.LIST, times.ordinary_s, priority=1))

    def _ask_mute(self) -> None:
        self._queue.submit(Ask(self._profile.mute_query, Kind.QUERY, self._profile.timeouts.query_s))

    def _next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def _pump(self, at: float) -> None:
        if self._phase is _Phase.READY:
            self._events += self._performer.begin(at, self._next_serial(), trusting=self._trusting)
        if self._poll_at is not None and self._poll_at <= at and self._phase is _Phase.READY:
            self._poll(at)
        flight = self._queue.start(at, self._next_serial())
        if flight is not None:
            if self._trusting and flight.ask.kind is Kind.CALL:
                self._events += self._tracker.begins(flight.ask.text, at, self._next_serial())
            data = flight.ask.text.encode("ascii") + b"\r"
            self._lexer.expect_echo(data)
            self._writes.append(Write(data))

    def _end(self, at: float) -> Step:
        if not self._observing:
            self._pump(at)
        if self._trusting and not self._table.any_in(OFFERED):
            self._rings.stop()
        step = Step(tuple(self._events), tuple(self._writes))
        self._events, self._writes = [], []
        return step


def _row_prefix(ask: Ask) -> str:
    return "^SLCC: " if "^SLCC" in ask.text else "+CLCC:"


def _rows(reply: list[str]) -> list[ListedCall] | None:
    """The call list in a reply; None when a row cannot be read, for then the list proves no end of a call."""
    try:
        rows = [line for line in reply if line.startswith(("+CLCC:", "^SLCC:"))]
        return [listed_call(line, number_at=6 if line.startswith("^") else 5) for line in rows]
    except ProtocolError:
        return None
