"""Carries out line commands, one at a time, and proves each by reading the list of calls again.

May not believe an answer: `accept` says ok where no sound card could be opened, `resume` says no and does it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from devices.line_calls import Refusal
from devices.sip import planning
from devices.sip.calls import Call, CallTable
from devices.sip.flight import Ask, Kind
from devices.sip.listing import told_key, told_mute
from devices.sip.messages import Response
from devices.sip.mute import MuteKeeper
from devices.sip.planning import Deed, Plan
from state.commands import Answer, CompleteTransfer, Dial, LineCommand, SendDigits, SetMute, Transfer
from state.events import CommandCompleted, EffectFailed, Event, LineMuteReported
from state.ids import CallId, LineId
from state.words import CallState

PROOF_S = 4.0
"""The effect must be in the list by then; a caller's telephone has to confirm an answer first (its ACK)."""
PROOF_POLL_S = 0.2
TRANSFER_S = 60.0
"""Whoever is sent on reports only when the new party has answered or refused (RFC 3515 2.4.4)."""
MAX_WAITING = 8
"""Commands that may wait for the one being carried out; an agent does not press more keys than that."""
_SELECTED = "setting current call"


@dataclass(slots=True)
class _Doing:
    """What is being carried out; `command` is None where mute is only kept true."""

    command: LineCommand | None
    plan: Plan
    outgoing_before: int
    place: int = 0
    selected: bool = False
    done: bool = False
    needs_list: bool = False
    """The next deed depends on what the list says."""
    refused: str = ""
    give_up_at: float = 0.0
    mended: bool = False

    @property
    def deed(self) -> Deed:
        """The deed in hand."""
        return self.plan.deeds[self.place]


class Performer:
    """Every command taken ends in exactly one CommandCompleted or EffectFailed."""

    def __init__(self, line: LineId, table: CallTable) -> None:
        self._line = line
        self._table = table
        self._waiting: deque[LineCommand] = deque()
        self._doing: _Doing | None = None
        self._sent_on: list[tuple[Call, float]] = []
        """Calls that were sent on, and how long to wait for what becomes of it."""
        self.mute = MuteKeeper()
        self.able: frozenset[str] = frozenset()

    @property
    def acting(self) -> bool:
        """In the middle of deeds: nobody else may change which call is the current one."""
        return self._doing is not None and not self._doing.done and not self._doing.needs_list

    @property
    def proving(self) -> bool:
        """Whether a list is needed to go on."""
        return self._doing is not None and (self._doing.done or self._doing.needs_list)

    def take(self, command: LineCommand, at: float, *, in_service: bool) -> list[Event]:
        """Accept a command for `begin`."""
        if not in_service:
            return [self._failed("line_out_of_service", at)]
        if isinstance(command, SetMute):
            self.mute.want(command.muted)
            return []
        if len(self._waiting) >= MAX_WAITING:
            return [self._failed("invalid_state", at, detail="too many commands are waiting")]
        self._waiting.append(command)
        return []

    def begin(self, at: float) -> list[Event]:
        """Plan the next thing to do, if nothing is being done."""
        self.mute.saw(self._table)
        events = self._answer_mute(at)
        if self._doing is None and (mute := self.mute.next(self._table)) is not None:
            self._doing = _Doing(None, mute, self._table.outgoing_so_far)
        while self._doing is None and self._waiting:
            command = self._waiting.popleft()
            plan = planning.plan(command, self._table, self.able)
            if isinstance(plan, Plan) and any(
                deed.call is not None and deed.call.key is None for deed in plan.deeds
            ):
                plan = Refusal("invalid_state", "baresip does not list the call", _name(plan.call))
            if isinstance(plan, Refusal):
                events.append(self._failed(plan.reason, at, plan.call, plan.detail))
                continue
            if plan.call is not None and (plan.call, None) in plan.proof and not _sends_on(command):
                plan.call.ended_here = True
            self._doing = _Doing(command, plan, self._table.outgoing_so_far)
        return events

    def ask(self) -> Ask | None:
        """The next command to send for it, or None."""
        doing = self._doing
        if doing is None or doing.done or doing.needs_list:
            return None
        deed, call = doing.deed, doing.deed.call
        shared = call is not None and sum(each.key == call.key for each in self._table.calls) > 1
        if call is not None and not doing.selected:
            return (
                Ask(Kind.DEED, "line", str(call.row))
                if shared
                else Ask(Kind.DEED, "callfind", call.key or "")
            )
        params = deed.params or (
            (call.key or "") if deed.names_call and call is not None and not shared else ""
        )
        return Ask(Kind.DEED, deed.name, params)

    # answers ---------------------------------------------------------------------------------

    def answered(self, response: Response, at: float) -> list[Event]:
        """The answer to what `ask` asked."""
        doing = self._doing
        if doing is None:
            return []
        deed = doing.deed
        if deed.call is not None and not doing.selected:
            doing.selected = response.ok and _SELECTED in response.data
            return [] if doing.selected else self._stop(doing, response.data, at)
        if not response.ok:
            return self._stop(doing, response.data, at)
        if deed.name == "mute" and deed.call is not None:
            self.mute.told(deed.call, told_mute(response.data))
        doing.needs_list = deed.first
        events = self._dialled(doing, response, at) if deed.name == "dial" else []
        return events + self._next(doing, at)

    def _stop(self, doing: _Doing, text: str, at: float) -> list[Event]:
        """A refusal; digits are named nowhere, and what a failed toggle left is unknown."""
        doing.refused = "" if isinstance(doing.command, SendDigits) else " ".join(text.split())
        doing.refused = doing.refused or "baresip refuses"
        if doing.deed.name == "mute" and doing.selected:
            self.mute.mistook(self._table)
        return self._prove_from(doing, at)

    def _next(self, doing: _Doing, at: float) -> list[Event]:
        if doing.place + 1 < len(doing.plan.deeds):
            doing.place += 1
            doing.selected = False
            return []
        if isinstance(doing.command, SendDigits):
            return self._complete(at)
        if _sends_on(doing.command):
            call, _ = doing.plan.proof[0]
            self._sent_on.append((call, at + TRANSFER_S))
            self._doing = None
            return []
        return self._prove_from(doing, at)

    def _prove_from(self, doing: _Doing, at: float) -> list[Event]:
        doing.done = True
        doing.give_up_at = at + PROOF_S
        return []

    def _dialled(self, doing: _Doing, response: Response, at: float) -> list[Event]:
        """A notice may have told of the call before this answer did."""
        if self._table.outgoing_so_far > doing.outgoing_before or not isinstance(doing.command, Dial):
            return []
        return self._table.dial(doing.command.number, told_key(response.data) or None, at)

    # proof -----------------------------------------------------------------------------------

    def prove(self, current: Call | None, at: float) -> list[Event]:
        """A list was read, and `current` is the current call in it: is the effect there?"""
        events = self.settle_sent_on(at)
        doing = self._doing
        if doing is None:
            return events
        if doing.needs_list:
            return events + self._go_on(doing, at)
        if not doing.done:
            return events
        if doing.command is None:
            if doing.plan.call in self._table.calls and current is not doing.plan.call:
                self.mute.mistook(self._table)
            self._doing = None
            return events
        proved = all(_is_so(call, state, self._table) for call, state in doing.plan.proof)
        if proved and not (doing.refused and isinstance(doing.command, Dial | SendDigits)):
            return events + self._complete(at)
        return events + self._unproved(doing, at)

    def _unproved(self, doing: _Doing, at: float) -> list[Event]:
        call = doing.plan.call
        if isinstance(doing.command, Answer) and call is not None and call.state is CallState.HELD:
            return self._mend(doing, call, at)
        if doing.refused or (call is not None and call not in self._table.calls):
            return self._refuse(at)
        if at >= doing.give_up_at:
            return self._refuse(at, detail="baresip agreed, but the call did not change")
        return []

    def _mend(self, doing: _Doing, call: Call, at: float) -> list[Event]:
        """A call that a refused `hold` reached while it rang is answered on hold: take it back."""
        if doing.mended:
            return self._refuse(at, detail="answered, but on hold")
        plan = Plan((Deed(call, "resume", names_call=True),), call, doing.plan.proof)
        self._doing = _Doing(doing.command, plan, doing.outgoing_before, mended=True)
        return []

    def _go_on(self, doing: _Doing, at: float) -> list[Event]:
        """Further, unless the call is still talking, or the attended call has been made already.

        That one is not made for a far end that cannot be connected later; then an ordinary one is.
        """
        doing.needs_list = False
        before = doing.plan.deeds[doing.place - 1]
        if self._table.outgoing_so_far > doing.outgoing_before:
            return self._complete(at)
        if before.name == "hold" and before.call is not None and before.call.state is CallState.CONNECTED:
            return self._refuse(at, detail="the other call was not held")
        return []

    # calls that are sent on ------------------------------------------------------------------

    def settle_sent_on(self, at: float) -> list[Event]:
        """Whoever reports success is let go by baresip; a failure is told, and ends the call in 1.x."""
        events: list[Event] = []
        for entry in list(self._sent_on):
            call, until = entry
            if call.transfer_end:
                events.append(self._failed("device_error", at, call.id, call.transfer_end))
                call.transfer_end = ""
            elif call not in self._table.calls:
                events.append(CommandCompleted(at, self._line, "CallCommand", self._line, call.id))
            elif at >= until:
                events.append(self._failed("timeout", at, call.id, "nobody told what came of it"))
            else:
                continue
            self._sent_on.remove(entry)
        return events

    # time and results ------------------------------------------------------------------------

    def deadline(self) -> float | None:
        """When a call that was sent on counts as unanswered, or None."""
        return min((until for _, until in self._sent_on), default=None)

    def give_up(self, at: float, reason: str) -> list[Event]:
        """What was asked last has no answer."""
        return self._refuse(at, reason)

    def drop_all(self, at: float) -> list[Event]:
        """The line is gone, and with it everything that was asked of it."""
        events = self._refuse(at, "line_out_of_service")
        events += [self._failed("line_out_of_service", at) for _ in self._waiting]
        events += [self._failed("line_out_of_service", at, call.id) for call, _ in self._sent_on]
        events += [self._failed("line_out_of_service", at) for _ in range(self.mute.settle())]
        self._waiting.clear()
        self._sent_on.clear()
        return events

    def _answer_mute(self, at: float) -> list[Event]:
        if not self.mute.waiting or self._doing is not None:
            return []
        outcome = self.mute.outcome(self._table)
        if outcome is None:
            return []
        answered = self.mute.settle()
        if not outcome:
            self.mute.give_up()
            return [self._failed("device_error", at, detail="baresip does not say what it did")] * answered
        events: list[Event] = [LineMuteReported(at, self._line, self._line, self.mute.wanted is True)]
        return events + [CommandCompleted(at, self._line, "CallCommand", self._line)] * answered

    def _complete(self, at: float) -> list[Event]:
        doing, self._doing = self._doing, None
        if doing is None:
            return []
        dialled = self._table.newest_outgoing if isinstance(doing.command, Dial) else None
        call = dialled if doing.plan.call is None else doing.plan.call.id
        return [CommandCompleted(at, self._line, "CallCommand", self._line, call)]

    def _refuse(self, at: float, reason: str = "device_error", detail: str = "") -> list[Event]:
        doing, self._doing = self._doing, None
        if doing is None:
            return []
        call = doing.plan.call
        if call is not None:
            call.ended_here = False
            if reason == "device_error" and call not in self._table.calls:
                reason = "no_such_call"
        if doing.command is None:
            self.mute.mistook(self._table)
            return []
        return [self._failed(reason, at, _name(call), detail or doing.refused)]

    def _failed(self, reason: str, at: float, call: CallId | None = None, detail: str = "") -> EffectFailed:
        return EffectFailed(at, self._line, "CallCommand", self._line, reason, call, detail)


def _name(call: Call | None) -> CallId | None:
    return None if call is None else call.id


def _sends_on(command: LineCommand | None) -> bool:
    return isinstance(command, Transfer | CompleteTransfer)


def _is_so(call: Call, state: CallState | None, table: CallTable) -> bool:
    there = call in table.calls
    return not there if state is None else there and call.state is state
