"""The engine of a SIP line: baresip's control channel in, call events and commands out.

May not trust a notice to be all: each also says "ask again", and the list corrects what was believed.
Never starts baresip, and never writes a command while another is unanswered.
"""

from __future__ import annotations

from enum import StrEnum

from devices.line_calls import UNSETTLED
from devices.sip.calls import ESTABLISHED, Call, CallTable
from devices.sip.flight import Ask, Kind, OneInFlight
from devices.sip.listing import CallFacts, ListedCall, call_facts, listed_calls, version
from devices.sip.messages import Notice, Response, read
from devices.sip.netstring import Lexer
from devices.sip.performer import PROOF_POLL_S, Performer
from devices.sip.planning import capabilities
from state.commands import LineCommand
from state.engine import NOTHING, Step, Write
from state.errors import TransportReason
from state.events import Event, LineInService, LineOutOfService
from state.ids import LineId

RETRY_S = 5.0
"""A baresip that is connected and silent is tried again this often."""
UNSETTLED_S = 1.0
"""While something rings or is dialled. Notices tell of most changes; this finds what they leave out."""
TALKING_S = 5.0
IDLE_S = 30.0
MAX_REPORTS = 12
"""Reports asked for in a row to learn whose a row is; a list that changes faster is left for next time."""

_SILENT = frozenset({"CALL_RTCP", "CALL_DTMF_START", "CALL_DTMF_END", "VU_TX_REPORT", "VU_RX_REPORT"})
"""Notices after which no call is in another state."""


class _Phase(StrEnum):
    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    LOST = "lost"


class SipEngine:
    """Engine of one baresip; `start` it when the channel is open, `stop` it when the channel is gone."""

    def __init__(self, line: LineId) -> None:
        self._line = line
        self._lexer = Lexer()
        self._flight = OneInFlight()
        self._table = CallTable(line)
        self._performer = Performer(line, self._table)
        self._phase = _Phase.OFF
        self._version: tuple[int, ...] | None = None
        self._dirty = False
        self._poll_at: float | None = None
        self._retry_at: float | None = None
        self._unknown: ListedCall | None = None
        self._selected = False
        self._facts: CallFacts | None = None
        self._reports = 0
        self._told_out = False
        self._events: list[Event] = []
        self._writes: list[Write] = []

    # the engine shape ------------------------------------------------------------------------

    def start(self, at: float) -> Step:
        """Begin on a fresh channel; ends in LineInService with the calls that are up, or LineOutOfService."""
        self._phase = _Phase.STARTING
        self._lexer = Lexer()
        self._flight.clear()
        self._table.forget_rows()
        self._version = None
        self._dirty = True
        self._poll_at = self._retry_at = None
        self._forget_unknown()
        return self._end(at)

    def stop(self, at: float, reason: str) -> Step:
        """The channel is gone; calls keep their ids for the next `start`."""
        if self._phase is _Phase.OFF:
            return NOTHING
        self._go_down(at, reason)
        self._phase = _Phase.OFF
        self._retry_at = None
        return self._end(at)

    def feed(self, data: bytes, at: float) -> Step:
        """Take bytes from baresip."""
        for message in self._lexer.feed(data):
            said = read(message)
            if isinstance(said, Notice):
                self._notice(said, at)
            elif isinstance(said, Response):
                self._response(said, at)
            self._pump(at)
        return self._end(at)

    def request(self, command: LineCommand, at: float) -> Step:
        """Carry out a command; it ends in exactly one CommandCompleted or EffectFailed."""
        self._events += self._performer.take(command, at, in_service=self._phase is _Phase.READY)
        return self._end(at)

    def advance(self, at: float) -> Step:
        """Fire every deadline that is due."""
        while (due := self.next_deadline()) is not None and due <= at:
            self._fire(due, at)
        return self._end(at)

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        times = (self._flight.deadline(), self._poll_at, self._retry_at, self._performer.deadline())
        return min((time for time in times if time is not None), default=None)

    # what is said ----------------------------------------------------------------------------

    def _notice(self, notice: Notice, at: float) -> None:
        if self._phase is _Phase.READY:
            self._events += self._table.notice(notice, at)
        if notice.type not in _SILENT:
            self._dirty = True

    def _response(self, response: Response, at: float) -> None:
        ask = self._flight.answered(response.token)
        if ask is None:
            return
        if ask.kind is Kind.ABOUT:
            self._version = version(response.data) if response.ok else ()
        elif ask.kind is Kind.SELECT:
            self._selected = response.ok
            if not response.ok:
                self._forget_unknown()
                self._dirty = True
        elif ask.kind is Kind.REPORT:
            self._facts = call_facts(response.data)
            self._dirty = True
            if self._facts is None:
                self._forget_unknown()
        elif ask.kind is Kind.LIST:
            self._listed(listed_calls(response.data) if response.ok else None, at)
        elif ask.kind is Kind.DEED:
            self._events += self._performer.answered(response, at)
            self._dirty = True

    # lists -----------------------------------------------------------------------------------

    def _listed(self, rows: tuple[ListedCall, ...] | None, at: float) -> None:
        self._poll_at = at + self._poll_after()
        if rows is None:
            if self._phase is _Phase.STARTING:
                self._lose(at, TransportReason.GONE)  # something answers, and it is not baresip with its menu
            return
        self._take_report(rows, at)
        known = [(row, call) for row in rows if (call := self._table.match(row)) is not None]
        matched = {row.line for row, _ in known}
        strangers = [row for row in rows if row.line not in matched]
        if strangers and self._reports < MAX_REPORTS:
            self._unknown, self._reports = strangers[0], self._reports + 1
        else:
            self._reports = 0
        if self._phase is _Phase.STARTING:
            if self._unknown is None:
                self._in_service(known, at)
            return
        self._events += self._table.diff(known, at, whole=not strangers)
        current = next((call for row, call in known if row.current), None)
        if self._unknown is None:
            self._events += self._performer.prove(current, at)
        self._poll_at = at + self._poll_after()

    def _take_report(self, rows: tuple[ListedCall, ...], at: float) -> None:
        """The report is of the current call: of the row asked for, if that is the current one still."""
        asked, facts = self._unknown, self._facts
        self._forget_unknown()
        if asked is None or facts is None:
            return
        for row in rows:
            if (
                row.current
                and row.line == asked.line
                and row.peer == asked.peer
                and row.key in {"", facts.key}
            ):
                events = self._table.bind(row, facts, at)
                self._events += events if self._phase is _Phase.READY else []

    def _forget_unknown(self) -> None:
        self._unknown, self._facts, self._selected = None, None, False

    def _in_service(self, known: list[tuple[ListedCall, Call]], at: float) -> None:
        self._table.adopt(known)
        self._phase = _Phase.READY
        self._told_out = False
        able = capabilities(self._version or ())
        self._performer.able = able
        self._events.append(LineInService(at, self._line, self._line, able, self._table.seen()))
        self._poll_at = at + self._poll_after()

    def _poll_after(self) -> float:
        if self._performer.proving:
            return PROOF_POLL_S
        if self._table.any_in(UNSETTLED):
            return UNSETTLED_S
        return TALKING_S if self._table.any_in(ESTABLISHED) else IDLE_S

    # time ------------------------------------------------------------------------------------

    def _fire(self, due: float, at: float) -> None:
        if due == self._retry_at:
            step = self.start(at)
            self._events += step.events
            self._writes += step.writes
        elif due == self._poll_at:
            self._poll_at = None
            self._dirty = True
        elif due == self._performer.deadline():
            self._events += self._performer.settle_sent_on(at)
        else:
            self._expired(at)
        self._pump(at)

    def _expired(self, at: float) -> None:
        ask = self._flight.expire(at)
        if ask is None:
            return
        self._forget_unknown()
        self._dirty = True
        if ask.kind is Kind.DEED:
            self._events += self._performer.give_up(at, "timeout")
        if self._flight.lost:
            self._lose(at, TransportReason.TIMEOUT)

    def _lose(self, at: float, reason: str) -> None:
        self._go_down(at, reason)
        self._phase = _Phase.LOST
        self._retry_at = at + RETRY_S

    def _go_down(self, at: float, reason: str) -> None:
        self._events += self._performer.drop_all(at)
        self._flight.clear()
        self._poll_at = None
        if not self._told_out:
            self._told_out = True
            self._events.append(LineOutOfService(at, self._line, self._line, reason))

    # what is asked ---------------------------------------------------------------------------

    def _pump(self, at: float) -> None:
        """Send the next command, if none is unanswered and there is something to ask."""
        if self._phase not in {_Phase.STARTING, _Phase.READY} or not self._flight.free:
            return
        ask = self._performer.ask() if self._performer.acting else self._question()
        if ask is None and self._phase is _Phase.READY and not self._performer.proving:
            self._events += self._performer.begin(at)
            ask = self._performer.ask()
        if ask is not None:
            self._writes.append(self._flight.send(ask, at))

    def _question(self) -> Ask | None:
        """Whatever must be known before anything is done."""
        if self._version is None:
            return Ask(Kind.ABOUT, "about")
        if self._unknown is not None and self._facts is None:
            return self._about_unknown(self._unknown)
        if self._dirty:
            self._dirty = False
            return Ask(Kind.LIST, "listcalls")
        return None

    def _about_unknown(self, row: ListedCall) -> Ask:
        if self._selected:
            return Ask(Kind.REPORT, "callstat")
        if row.key:
            return Ask(Kind.SELECT, "callfind", row.key)
        return Ask(Kind.SELECT, "line", str(row.line))

    def _end(self, at: float) -> Step:
        self._pump(at)
        step = Step(tuple(self._events), tuple(self._writes))
        self._events, self._writes = [], []
        return step
