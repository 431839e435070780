"""The AT engine as a witness: another host talks to the device, and the engine is told what it wrote.

May not write: its steps carry events only.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.at.engine import AtEngine
from devices.at.grammar import unglue
from devices.at.hostline import HostLine, read_host_line
from devices.at.profiles import Profile
from devices.at.queue import Ask, Kind
from state.engine import Step
from state.events import Event
from state.ids import LineId

_MAX_COMMAND = 1024


class WatchingEngine(AtEngine):
    """Sees both directions of somebody else's dialogue; in service from the first byte on."""

    def __init__(self, line: LineId, profile: Profile) -> None:
        super().__init__(line, profile, observing=True)
        self._typed = ""
        self._quiet = False

    def host_wrote(self, data: bytes, at: float) -> Step:
        """Bytes of the host: complete command lines are in flight from now on."""
        self._lexer.expect_echo(data)
        *lines, rest = (self._typed + data.decode("latin-1")).replace("\n", "").split("\r")
        self._typed = rest[-_MAX_COMMAND:]
        for line in lines:
            place = line.upper().find("AT")
            if place >= 0:
                self._command(line[place:].strip(), at)
        return self._end(at)

    def heard(self, data: bytes, times: Sequence[float]) -> list[Event]:
        """Bytes of the device, and when each came; an event has the time of the byte that made it certain."""
        events: list[Event] = []
        for place, line in self._lexer.marked(data):
            at = times[place]
            events += self.until(at)
            for text in unglue(line):
                self._line_in(text, at)
            events += self._end(at).events
        return events

    def until(self, at: float) -> list[Event]:
        """Let time run: every deadline fires when it is due."""
        events: list[Event] = []
        while (due := self.next_deadline()) is not None and due <= at:
            events += self.advance(due).events
        return events

    def _command(self, text: str, at: float) -> None:
        read = read_host_line(text)
        if read.numeric is not None:
            self._asked_numeric = read.numeric
            self._numeric = self._numeric or read.numeric
        if read.quiet is not None:
            self._hush(at, quiet=read.quiet)
        if self._quiet:
            return  # no final will come
        ask = self._ask(text, read)
        if ask.kind is Kind.CALL:
            self._events += self._tracker.begins(ask.text, at, self._next_serial())
        self._queue.observe(ask, at, self._next_serial())

    def _hush(self, at: float, *, quiet: bool) -> None:
        """ATQ1 hides RINGs too: silence proves nothing until some time after ATQ0."""
        if self._quiet != quiet:
            self._rings.wait_until(float("inf") if quiet else at + self._rings.patience_s)
        self._quiet = quiet

    def _ask(self, text: str, read: HostLine) -> Ask:
        times = self._profile.timeouts
        if read.lists and self._profile.list_command:
            return Ask(read.lists, Kind.LIST, times.ordinary_s)
        if read.on_calls:
            return Ask(read.on_calls, Kind.CALL, times.call_s)
        return Ask(text, Kind.QUERY, times.ordinary_s)
