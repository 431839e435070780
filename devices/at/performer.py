"""Carries out line commands, one at a time, and proves each by reading the call list again.

May not report success on a bare OK where a list can be read: some modems answer OK and do nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from devices.at import planning
from devices.at.calls import Call, CallTable
from devices.at.grammar import Final
from devices.at.hostline import dialled_number
from devices.at.planning import Plan
from devices.at.profiles import Profile
from devices.at.queue import Ask, CommandQueue, Kind
from devices.at.tracker import LATE_OK_S
from devices.line_calls import Refusal
from state.commands import Answer, Dial, HangUp, LineCommand
from state.events import CommandCompleted, EffectFailed, Event
from state.ids import CallId, LineId
from state.words import CallState, Cause

PROOF_LISTS = 3
"""The effect must show within so many lists: some modems answer OK before they act (rilmodem/ofono#164)."""
MAX_WAITING = 8
"""Commands that may wait for the one being carried out; an agent does not press more keys than that."""
ABORT_S = 2.0
"""An aborted dial command gets this long for its final; then it is hung up (iaxmodem gives none)."""


@dataclass(slots=True)
class _Doing:
    """The line command being carried out."""

    command: LineCommand
    plan: Plan
    before: frozenset[CallId]
    began_at: float
    final: Final | None = None
    took_s: float = 0.0
    lists: int = 0
    hung_up: bool = False

    @property
    def dialled(self) -> bool:
        """BUSY to a dial command is a call that failed, not a command that failed."""
        return isinstance(self.command, Dial) and self.final is not None and self.final.ambiguous


class Performer:
    """Every command taken ends in exactly one CommandCompleted or EffectFailed."""

    def __init__(self, line: LineId, profile: Profile, table: CallTable, queue: CommandQueue) -> None:
        self._line = line
        self.profile = profile
        """What the device can do, less what it says it cannot."""
        self._table = table
        self._queue = queue
        self._waiting: deque[LineCommand] = deque()
        self._doing: _Doing | None = None

    @property
    def proving(self) -> bool:
        """Whether a list is needed to tell if a command had its effect."""
        return self._doing is not None and self._doing.final is not None

    def take(self, command: LineCommand, at: float, *, in_service: bool) -> tuple[list[Event], bytes]:
        """Accept a command for `begin`; bytes come back only where one breaks off another."""
        if not in_service:
            return [self._failed("line_out_of_service", at)], b""
        if isinstance(command, HangUp) and self._can_abort(command):
            return [], self._abort(at)
        if len(self._waiting) >= MAX_WAITING:
            return [self._failed("invalid_state", at, detail="too many commands are waiting")], b""
        self._waiting.append(command)
        return [], b""

    def begin(self, at: float, serial: int, *, trusting: bool) -> list[Event]:
        """Plan the next command that can be carried out and queue it."""
        events: list[Event] = []
        while self._doing is None and self._waiting:
            command = self._waiting.popleft()
            plan = planning.plan(command, self._table, self.profile)
            if isinstance(plan, Refusal):
                events.append(self._failed(plan.reason, at, plan.call, plan.detail))
                continue
            self._doing = _Doing(command, plan, frozenset(call.id for call in self._table.calls), at)
            for call in plan.ended:
                call.ended_here, call.ended_as = True, plan.ended_as
            if isinstance(command, Dial):
                number = dialled_number(plan.text)
                self._table.will_dial(number)
                events += self._table.dial(number, at, serial)[1] if trusting else []
            self._queue.submit(Ask(plan.text, Kind.CALL, self.profile.timeouts.call_s, priority=2))
        return events

    def answered(self, final: Final, at: float, *, will_list: bool) -> list[Event]:
        """The command has its final result; without a list to come that is all that will be known."""
        doing = self._doing
        if doing is None:
            return []
        doing.final, doing.took_s = final, at - doing.began_at
        if will_list and (doing.plan.call is not None or isinstance(doing.command, Dial)):
            return []
        taken = (
            isinstance(doing.command, Answer) and doing.plan.call is not None and doing.plan.call.established
        )
        return self._complete(at) if final.ok or doing.dialled or taken else self._refuse(at)

    def prove(self, at: float, serial: int) -> list[Event]:
        """A list was read: is the command's effect in it?"""
        doing = self._doing
        if doing is None or doing.final is None:
            return []
        doing.lists += 1
        if not doing.final.ok and not doing.dialled:
            return self._refuse(at)
        if self._proved(doing):
            return self._complete(at)
        if isinstance(doing.command, Dial):
            over = doing.dialled or doing.lists >= PROOF_LISTS
            return self._never_listed(doing, doing.final, at, serial) if over else []
        if self._gone(doing.plan.call):
            return self._refuse(at)
        if doing.lists >= PROOF_LISTS:
            return self._refuse(at, detail=f"answered {doing.final.text}, but the call did not change")
        return []

    def give_up(self, at: float, reason: str) -> list[Event]:
        """The command in hand will have no final result."""
        return self._refuse(at, reason)

    def drop_all(self, at: float) -> list[Event]:
        """The line is gone, and with it everything that was asked of it."""
        events = self._refuse(at, "line_out_of_service")
        events += [self._failed("line_out_of_service", at) for _ in self._waiting]
        self._waiting.clear()
        return events

    # ending a dial command that is still in flight -------------------------------------------

    def _can_abort(self, command: HangUp) -> bool:
        flight, call = self._queue.current, self._table.first(CallState.DIALING)
        return (
            self.profile.abort_dial != ""
            and self._doing is not None
            and isinstance(self._doing.command, Dial)
            and not self._doing.hung_up
            and flight is not None
            and flight.ask.may_connect
            and call is not None
            and command.call in {None, call.id}
        )

    def _abort(self, at: float) -> bytes:
        call = self._table.first(CallState.DIALING)
        if self._doing is not None and call is not None:
            self._doing.hung_up = call.ended_here = True
        self._queue.break_off(at + ABORT_S)
        return self.profile.abort_dial.encode("ascii")

    # results ---------------------------------------------------------------------------------

    def _proved(self, doing: _Doing) -> bool:
        if isinstance(doing.command, Dial):
            return self._new_call(doing) is not None
        return all(self._is(call, state) for call, state in doing.plan.proofs)

    def _is(self, call: Call, state: CallState) -> bool:
        if state is CallState.IDLE:
            return self._gone(call)
        return not self._gone(call) and call.state is state

    def _gone(self, call: Call | None) -> bool:
        return call is None or call not in self._table.calls

    def _new_call(self, doing: _Doing) -> Call | None:
        return next((call for call in self._table.calls if call.id not in doing.before), None)

    def _never_listed(self, doing: _Doing, final: Final, at: float, serial: int) -> list[Event]:
        """A dialled call that was over before any list showed it still happened."""
        call, events = self._table.dial(dialled_number(doing.plan.text), at, serial)
        refused = final.text == "OK" and doing.took_s >= LATE_OK_S
        ended = self._table.end(call, at, final.cause or (Cause.REJECTED if refused else Cause.UNKNOWN))
        return [*events, ended, *self._complete(at, call.id)]

    def _complete(self, at: float, about: CallId | None = None) -> list[Event]:
        doing, self._doing = self._doing, None
        if doing is None:
            return []
        call = doing.plan.call or (self._new_call(doing) if isinstance(doing.command, Dial) else None)
        done = CommandCompleted(
            at, self._line, "CallCommand", self._line, call.id if call is not None else about
        )
        return [done] * (2 if doing.hung_up else 1)

    def _refuse(self, at: float, reason: str = "device_error", detail: str = "") -> list[Event]:
        doing, self._doing = self._doing, None
        if doing is None:
            return []
        call = doing.plan.call
        for ended in doing.plan.ended:
            ended.ended_here = False
        if call is not None and reason == "device_error" and self._gone(call):
            reason = "no_such_call"
        text = detail or (doing.final.text if doing.final is not None else "")
        failed = self._failed(reason, at, call.id if call is not None else None, text)
        return [failed] * (2 if doing.hung_up else 1)

    def _failed(self, reason: str, at: float, call: CallId | None = None, detail: str = "") -> EffectFailed:
        return EffectFailed(at, self._line, "CallCommand", self._line, reason, call, detail)
