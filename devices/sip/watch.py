"""A witness of somebody else's session with baresip: notices, and what answers say, become events.

May not write: nothing is asked, so what no notice tells of is known from the answer to its command only.
"""

from __future__ import annotations

from devices.sip.calls import ESTABLISHED, Call, CallTable
from devices.sip.listing import ListedCall, listed_calls, told_key, told_mute
from devices.sip.messages import Notice, Response, read, read_command
from devices.sip.netstring import Lexer
from state.engine import Step
from state.events import Event, LineMuteReported
from state.ids import CallId, LineId
from state.words import CallState

MAX_PENDING = 64


class SipWatch:
    """Sees both directions of a channel; what was before the first byte is unknown."""

    def __init__(self, line: LineId) -> None:
        self._line = line
        self._table = CallTable(line)
        self._lexer = Lexer()
        self._host = Lexer()
        self._pending: dict[str, tuple[str, str, int]] = {}
        self._current: CallId | None = None

    def host_wrote(self, data: bytes) -> None:
        """Bytes of the host: a command that is answered later."""
        for message in self._host.feed(data):
            said = read_command(message)
            if said is not None and len(self._pending) < MAX_PENDING:
                self._pending[said.token] = (said.name, said.params, self._table.outgoing_so_far)

    def feed(self, data: bytes, at: float) -> Step:
        """Bytes of baresip."""
        events: list[Event] = []
        for message in self._lexer.feed(data):
            said = read(message)
            if isinstance(said, Notice):
                events += self._notice(said, at)
            elif isinstance(said, Response):
                events += self._response(said, at)
        return Step(tuple(events))

    def _notice(self, notice: Notice, at: float) -> list[Event]:
        count = len(self._table.calls)
        events = self._table.notice(notice, at)
        if len(self._table.calls) != count:
            self._current = self._table.calls[-1].id if self._table.calls else None
        return events

    def _response(self, response: Response, at: float) -> list[Event]:
        name, params, outgoing_before = self._pending.pop(response.token, ("", "", 0))
        call = None if self._current is None else self._table.find(self._current)
        if name == "listcalls":
            return self._listed(listed_calls(response.data), at)
        if not response.ok:
            return []
        if name == "dial" and self._table.outgoing_so_far == outgoing_before:
            events = self._table.dial(params, told_key(response.data) or None, at)
            self._current = self._table.newest_outgoing
            return events
        if name in {"callfind", "line"}:
            self._select(params)
        if call is None or call.state not in ESTABLISHED:
            return []
        if name in {"hold", "resume"}:
            return self._table.move(call, CallState.HELD if name == "hold" else CallState.CONNECTED, at)
        muted = told_mute(response.data) if name == "mute" else None
        return [] if muted is None else [LineMuteReported(at, self._line, self._line, muted)]

    def _select(self, params: str) -> None:
        for call in self._table.calls:
            if params in {call.key, str(call.row)}:
                self._current = call.id

    def _listed(self, rows: tuple[ListedCall, ...] | None, at: float) -> list[Event]:
        if rows is None:
            return []
        known = [(row, call) for row in rows if (call := self._whose(row)) is not None]
        for row, call in known:
            if row.current:
                self._current = call.id
        return self._table.diff(known, at, whole=len(known) == len(rows))

    def _whose(self, row: ListedCall) -> Call | None:
        """By number or Call-ID, else by who is at the other end, where that is one call only."""
        call = self._table.match(row)
        if call is not None:
            return call
        same = [each for each in self._table.calls if each.row is None and each.peer == row.peer]
        return same[0] if len(same) == 1 else None
