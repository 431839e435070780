"""The seat: every region of it, and how one moves another.

The handlers turn events into what these regions understand. May not choose words, lamps or prompts; it
fills the desk's outbox with effects and cues.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from state.agent import Agent
from state.call import ENGAGED, Call
from state.chart import Row
from state.commands import SetMute
from state.cues import Cue
from state.desk import Desk
from state.events import OpenRecord
from state.focus import Focus, focus_of
from state.hearing import SoundFault
from state.ids import CallId, DeviceId, LineId, RecordId
from state.lease import Lease
from state.line import Line
from state.mute import Mute
from state.rows import PromiseRow
from state.settings import SeatSettings
from state.silence import Facts, MuteFact, mute_still_heard_until
from state.tables import AgentOn, CallOn, MuteOn, SilentOn
from state.timers import Timer
from state.watch import Watch
from state.words import AudioFault, Basis, CallState, Channel, DeviceKind, Direction, LineState, MuteState

_SENSED = 1.0
"""Confidence of what is sensed: the mute by its device, the voice by the decision on speech."""
_RECENT = 32
"""Finished calls that may still be noted; after-call work is about the last one or two."""


@dataclass(frozen=True, slots=True)
class Device:
    """An attached device."""

    id: DeviceId
    kind: DeviceKind
    name: str
    features: frozenset[str]
    contended: str = ""
    """Why somebody else seems to write to it."""
    battery_percent: int | None = None

    @property
    def takes_mute(self) -> bool:
        """Whether a host can set its mute; one that states it and has no lamp for it mutes itself alone."""
        return "mute" in self.features and not (
            "mute_level" in self.features and "lamp_mute" not in self.features
        )


class Seat:
    """All regions of one seat and the coupling between them."""

    def __init__(self, settings: SeatSettings, call_back: str) -> None:
        """`call_back` is the subject, in the agent's language, of what a silent outbound call leaves owed."""
        self.desk = Desk(settings)
        self._call_back = call_back
        self._fault_s = settings.watermark_fault_s
        self.agent = Agent(self.desk)
        self.calls: dict[CallId, Call] = {}
        self.watches: dict[CallId, Watch] = {}
        self.lines: dict[LineId, Line] = {}
        self.devices: dict[DeviceId, Device] = {}
        self.mutes: dict[str, Mute] = {}
        self.recent: dict[RecordId, Call] = {}
        self.open_records: list[OpenRecord] = []
        self.promises: dict[RecordId, PromiseRow] = {}
        self.owner: DeviceId | None = None
        """The headset that answered, or took the call over; it stays the owner while it is unplugged."""
        self.leases: dict[DeviceId, Lease] = {}
        self.keep_muted = False
        """Muted in this call, whatever becomes of the device that said so."""
        self.last_number = ""
        self.reassert: set[DeviceId] = set()
        """Headsets that were not obeyed and must be told again what is so."""
        self.focus = Focus()
        self._had_headset = False

    def advance(self, at: float) -> None:
        """Let time pass to `at` and fire what is due, one at a time."""
        desk, timers = self.desk, self.desk.timers
        desk.at = max(desk.at, at)
        while timers.due(desk.at) and timers.fire_next(desk.at):
            pass

    def take_cues(self) -> list[Cue]:
        """The cues of this decision, noted in the records of their calls."""
        cues, self.desk.cues = self.desk.cues, []
        for cue in cues:
            call = self.calls.get(cue.call) if cue.call is not None else None
            if call is not None:
                noted = f"{cue.id.value}@{call.connected_s(cue.at):.2f}"
                call.row = replace(call.row, cues=(*call.row.cues, noted))
        return cues

    # calls ---------------------------------------------------------------------------------------

    def line(self, line: LineId) -> Line:
        """The line of that name, made when it is first heard of."""
        if line not in self.lines:
            self.lines[line] = Line(self.desk, line)
            self.desk.changed = True
        return self.lines[line]

    def call(self, line: LineId, call: CallId, direction: Direction) -> Call:
        """The call of that name, made when it is first heard of."""
        if call not in self.calls:
            self.calls[call] = Call(self.desk, line, call, direction)
        return self.calls[call]

    def fire(self, call: Call, on: CallOn, payload: object = None) -> Row:
        """Decide an event of a call and carry its move to the other regions."""
        before = call.state
        row = call.fire(on, payload)
        if call.state is not before:
            self._moved(call, before)
        self.focus_again()
        return row

    def focus_again(self) -> None:
        """A call moved, or a pending command came to nothing: who owns what is asked again."""
        self.focus = focus_of(self.calls.values())
        if self.focus.headset is None:
            self.owner = None
        self.desk.changed = True

    def _moved(self, call: Call, before: CallState) -> None:
        if before is CallState.CONNECTED:
            self._unwatch(call)
        if call.state is CallState.CONNECTED:
            self._watch(call, first=before is not CallState.HELD)
        if call.state in (CallState.IDLE, CallState.FAILED):
            self._drop(call)
        engaged = any(c.state in ENGAGED for c in self.calls.values())
        if engaged:
            self.agent.fire(AgentOn.CALL_BEGAN)
        elif before in ENGAGED:
            self.agent.fire(AgentOn.CALLS_ENDED)
            self.end_mute()

    def _watch(self, call: Call, first: bool) -> None:
        line = self.line(call.line)
        watch = Watch(self.desk, call, line.hearing, first)
        self.watches[call.id] = watch
        if self._had_headset and not self._headsets():
            watch.unplugged_at = self.desk.at
        if first and (self.muted() or line.still_muted):
            self.mute_line(line, self.muted())
        self.judge(watch)
        if line.hearing.listening and first:
            watch.silent.fire(SilentOn.CONNECTED)

    def _unwatch(self, call: Call) -> None:
        watch = self.watches.pop(call.id, None)
        if watch is None:
            return
        if watch.silent.owes_call_back() and call.direction is Direction.OUTBOUND:
            self._promise_call_back(call)
        watch.end()

    def _drop(self, call: Call) -> None:
        call.write()
        del self.calls[call.id]
        self.desk.timers.cancel_owner(call.key)
        self.desk.withdraw(call.id)
        self.recent[call.record] = call
        while len(self.recent) > _RECENT:
            del self.recent[next(iter(self.recent))]

    def _promise_call_back(self, call: Call) -> None:
        owner = self.desk.agent or "agent"
        self.promise(call, owner, self._call_back, "", Basis.SENSED)

    def promise(self, call: Call, owner: str, subject: str, due: str, basis: Basis) -> PromiseRow:
        """Owe something to the customer of a call."""
        row = PromiseRow(
            self.desk.new_record(), call.record, self.desk.stamp(), owner, call.number, subject, due, basis
        )
        self.keep(row)
        self.desk.publish(
            "promise.made", promise=row.promise, number=row.number, subject=subject, owner=owner
        )
        return row

    def keep(self, row: PromiseRow) -> None:
        """Remember a promise as it now stands, and record it."""
        if row.closed:
            self.promises.pop(row.promise, None)
        else:
            self.promises[row.promise] = row
        self.desk.record(row)
        self.desk.changed = True

    # silence -------------------------------------------------------------------------------------

    def judge(self, watch: Watch) -> None:
        """Weigh why this call is silent."""
        connected = watch.call.established_at
        facts = Facts(
            at=self.desk.at,
            connected_at=self.desk.at if connected is None else connected,
            mute=self.mute_fact(),
            unplugged_at=watch.unplugged_at,
            hearing=watch.hearing,
        )
        self.follow_muted_speech(watch)
        watch.judge(facts)
        again = mute_still_heard_until(facts)
        if again is not None:
            key = (watch.call.key, "unmuted")
            self.desk.timers.set(key, Timer(again, lambda: self.judge(watch)))

    def judge_all(self) -> None:
        """Something about the desk changed: weigh every connected call again."""
        for watch in self.watches.values():
            self.judge(watch)

    def watch_on(self, line: LineId) -> Watch | None:
        """The connected call of a line."""
        for watch in self.watches.values():
            if watch.call.line == line:
                return watch
        return None

    def arm_stall(self, line: Line) -> None:
        """No analysed audio for a while is a fault, not silence."""
        if not line.hearing.stalled:
            deadline = line.hearing.analysed_until + self._fault_s
            self.desk.timers.set(line.stall_key, Timer(deadline, partial(self._check_stall, line)))

    def _check_stall(self, line: Line) -> None:
        hearing = line.hearing
        if not hearing.listening:
            return
        if hearing.analysed_until + self._fault_s <= self.desk.at:
            hearing.stalled = True
            self.judge_all()
        self.arm_stall(line)

    # mute ----------------------------------------------------------------------------------------

    def mute_fact(self) -> MuteFact | None:
        """What is known of the microphone, the headset's word first; None: nobody says anything."""
        known = [m for m in self.mutes.values() if m.state is not MuteState.UNKNOWN]
        said = min(known, key=lambda m: (not m.muted, m.where != "headset"), default=None)
        if said is None or (not said.muted and self._in_doubt()):
            return None
        return MuteFact(said.muted, said.where, said.since, said.state is MuteState.LOCKED)

    def follow_muted_speech(self, watch: Watch) -> None:
        """The agent speaks and mute keeps it from the customer: a fault for as long as both last."""
        line, kind = self.line(watch.call.line), AudioFault.SPEAKING_WHILE_MUTED
        near, mute = line.hearing.near, self.mute_fact()
        if near.speaking_since is None:
            line.fault_ended(Channel.NEAR, kind, near.last_ended or self.desk.at)
        elif mute is None or not mute.muted:
            line.fault_ended(Channel.NEAR, kind, self.desk.at)
        elif kind not in near.faults:
            evidence = f"a voice at the microphone while the {mute.where} reports muted"
            fault = SoundFault(kind, max(near.speaking_since, mute.since), _SENSED, evidence)
            line.fault_found(Channel.NEAR, fault)

    def _in_doubt(self) -> bool:
        """Whether an attached headset, or a line that spoke of it, may be muted without our knowing."""
        unknown = [m for m in self.mutes.values() if m.state is MuteState.UNKNOWN]
        return any(m.where == "line" or m.owner in self.devices for m in unknown)

    def mute_of(self, where: str, owner: str) -> Mute:
        """The mute of one device or line."""
        if owner not in self.mutes:
            self.mutes[owner] = Mute(self.desk, where, owner)
        return self.mutes[owner]

    def muted(self) -> bool:
        """Whether the agent is known to be muted anywhere."""
        return any(m.muted for m in self.mutes.values())

    def mute_line(self, line: Line, muted: bool) -> None:
        """Set the mute of a line that can; where it stands follows."""
        line.still_muted = False
        if "mute" in line.capabilities and line.state is LineState.IN_SERVICE:
            self.mute_of("line", str(line.id)).fire(MuteOn.ASKED_MUTE if muted else MuteOn.ASKED_LIVE)
            self.desk.ask(line.id, SetMute(muted))

    def end_mute(self) -> None:
        """A call is over, and mute with it, unless another is up: one of the seat, or of an app.

        A line is set live in its next call: many take mute only in a call.
        """
        ours = any(c.state in ENGAGED for c in self.calls.values())
        if ours or any(lease.shown.off_hook for lease in self.leases.values()):
            return
        self.keep_muted = False
        for mute in self.mutes.values():
            was = mute.muted
            device = self.devices.get(DeviceId(mute.owner))
            if device is None or device.takes_mute:
                mute.fire(MuteOn.CALL_ENDED)
            line = self.lines.get(LineId(mute.owner))
            if was and line is not None:
                line.still_muted = True

    # devices -------------------------------------------------------------------------------------

    @property
    def carrier(self) -> DeviceId | None:
        """The one headset the call is on; None: on every headset there is."""
        return self.owner if self.owner in self.devices else None

    def stands_for_seat(self, device: DeviceId) -> bool:
        """Whether a device shows and asks for the whole seat: no sound passes through a console."""
        found = self.devices.get(device)
        return found is not None and found.kind is DeviceKind.CONSOLE

    def carried_by(self, device: DeviceId) -> bool:
        """Whether the call in hand is on this headset, or this is a console."""
        here = self.stands_for_seat(device) or self.carrier in (None, device)
        return self.focus.headset is not None and here

    def needs(self, device: DeviceId) -> bool:
        """Whether a call of the seat has a use for this headset: it rings, or the call is on it."""
        return self.focus.ringing is not None or self.carried_by(device)

    def kept_off_hook(self) -> bool:
        """Whether headsets are off-hook although nothing is on them."""
        return self.desk.settings.keep_off_hook and self.desk.agent is not None and self.focus.headset is None

    def lease_of(self, device: DeviceId) -> Lease | None:
        """The lease of the app whose a headset is just now; None where it is the seat's."""
        return None if self.needs(device) else self.leases.get(device)

    def left_alone(self, device: DeviceId) -> bool:
        """Whether an app has a headset all to itself."""
        lease = self.leases.get(device)
        return lease is not None and lease.hands_off

    def _headsets(self) -> list[Device]:
        return [d for d in self.devices.values() if d.kind is DeviceKind.HEADSET]

    def headset_came(self) -> None:
        """A headset is there again: no call is without one."""
        self._had_headset = True
        for watch in self.watches.values():
            watch.unplugged_at = None

    def headset_went(self) -> None:
        """The last headset is gone: every connected call has lost its ear and mouth."""
        if not self._headsets():
            for watch in self.watches.values():
                watch.unplugged_at = self.desk.at
