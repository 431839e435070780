"""One line: in service or not, what it can do, and who waits for its answer.

May not know calls; `state.seat` keeps them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from state.commands import Dial
from state.desk import Desk
from state.events import LineInService, LineOutOfService
from state.hearing import Hearing, SoundFault
from state.ids import CallId, LineId, RequestId
from state.machine import Region
from state.tables import LINE
from state.words import AudioFault, Channel, LineState


@dataclass(frozen=True, slots=True)
class Waiter:
    """A request that is answered when the line is done with it."""

    request: RequestId
    call: CallId | None
    ends: bool = False
    """Whether the end of the call is what was asked for."""


class Line(Region[LineState]):
    """One line of the seat and the sound of its call."""

    table = LINE

    def __init__(self, desk: Desk, line: LineId) -> None:
        super().__init__()
        self.desk = desk
        self.id = line
        self.capabilities: frozenset[str] = frozenset()
        self.reason = "not reached yet"
        self.hearing = Hearing(desk.settings.silent_call.utterance_gap_s)
        self.stall_key = (str(line), "watermark")
        self.waiters: deque[Waiter] = deque()
        self.dialled: Dial | None = None
        self.still_muted = False
        """Muted in a call that is over, and not set live since."""

    def serve(self) -> None:
        """The line answers."""
        event = self.payload
        if isinstance(event, LineInService):
            self.capabilities = event.capabilities
        self.reason = ""

    def lose(self) -> None:
        """The line is gone; whoever waits is told."""
        event = self.payload
        self.reason = event.reason if isinstance(event, LineOutOfService) else "lost"
        while self.waiters:
            self.desk.reply(
                self.waiters.popleft().request, "line_out_of_service", f"line {self.id}: {self.reason}"
            )

    def fault_found(self, channel: Channel, fault: SoundFault) -> None:
        """Something is wrong with the sound of a channel; told where that is news."""
        if not self.hearing.found(channel, fault):
            return
        self.desk.changed = True
        self.desk.publish(
            "audio.fault_found",
            line=self.id,
            channel=channel,
            fault=fault.kind,
            began_at=round(fault.since, 3),
            confidence=round(fault.confidence, 2),
            evidence=fault.evidence,
        )

    def fault_ended(self, channel: Channel, kind: AudioFault, ended_at: float) -> None:
        """It is over; told where it was there."""
        if self.hearing.mended(channel, kind):
            self.desk.changed = True
            self.desk.publish(
                "audio.fault_ended", line=self.id, channel=channel, fault=kind, ended_at=round(ended_at, 3)
            )

    def settle(
        self, call: CallId | None, kind: str = "", message: str = "", *, became: CallId | None = None
    ) -> None:
        """The oldest request for this call is answered; None: the oldest for a new one, which it `became`."""
        for waiter in self.waiters:
            if waiter.call == call:
                self.waiters.remove(waiter)
                self.desk.reply(waiter.request, kind, message, call=became or call)
                return

    def finish(self, call: CallId) -> None:
        """The call is over: who asked for that is answered, who asked for anything else is refused."""
        for waiter in [each for each in self.waiters if each.call == call]:
            self.waiters.remove(waiter)
            kind, message = ("", "") if waiter.ends else ("no_such_call", f"call {call} is over")
            self.desk.reply(waiter.request, kind, message, call=call)
