"""Drives one core by hand in virtual time: what happens is told in words, what was decided is kept in a log.

May not look inside the core: everything is read from its effects, its snapshot and its next deadline.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from callseat.core import Core
from prompts.phrasebook import Phrasebook
from state.commands import Command, Lamps, SetDisplay, SetLamps, SetReady, SignIn
from state.effects import CallCommand, Effect, PlayPrompt, Publish, Record, Reply, SendToDevice, StopPrompt
from state.events import (
    AudioAnalysedUntil,
    AudioFaultEnded,
    AudioFaultFound,
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CivilTimeKnown,
    CommandRequested,
    DeviceAttached,
    DeviceDetached,
    Event,
    HookChanged,
    LineInService,
    ListeningStarted,
    ListeningStopped,
    MuteReported,
    MuteRequested,
    PromptFinished,
    PromptStarted,
    SignalChanged,
    SpeechDismissed,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.ids import CallId, DeviceId, LineId, PromptId, RequestId
from state.rows import AgentRow, CallRow, PromiseRow
from state.settings import SeatSettings, SilentCallSettings
from state.snapshot import CallView, Snapshot
from state.words import (
    Audience,
    AudioFault,
    Basis,
    By,
    CallState,
    Cause,
    Channel,
    DeviceKind,
    Direction,
    SignalCondition,
    SilentCallMode,
)

BLOCK_S = 0.02
"""One block of the analysers; every time of a procedure is held to it."""
CONFIRMED_AFTER_S = 0.08
STOPPED_AFTER_S = 0.3
"""When the analysers tell a back-dated edge (start guard, hang-over); a suspicion comes with its block."""

L1, L2 = LineId("l1"), LineId("l2")
HS = DeviceId("hs")
NUMBER = "13800138000"
ABILITIES = frozenset({"answer", "reject", "hang_up", "dial", "hold", "retrieve", "mute", "digits"})
FEATURES = frozenset({"hook", "mute", "lamps"})
BOOK = Phrasebook()
"""One for all tests: it never changes, and takes its time to parse."""
EffectT = TypeVar("EffectT")


@dataclass(frozen=True, slots=True)
class Done:
    """One effect and when it was decided."""

    at: float
    effect: Effect


@dataclass(order=True, slots=True)
class Coming:
    """An event that is told at `at`, once the clock gets there."""

    at: float
    order: int
    event: Event = field(compare=False)


def silent(**changes: object) -> SeatSettings:
    """Settings with a changed silent-call procedure."""
    return SeatSettings(silent_call=replace(SilentCallSettings(), **changes))


AUTO = silent(mode=SilentCallMode.AUTO)
OFF = silent(mode=SilentCallMode.OFF)


class Desk:
    """One seat with a headset and its lines; `at` is now, `log` everything that was decided."""

    def __init__(
        self,
        settings: SeatSettings | None = None,
        lines: Iterable[LineId] = (L1,),
        *,
        headset: bool = True,
        agent: str | None = "8001",
    ) -> None:
        self.core = Core(settings or SeatSettings(), BOOK)
        self.at = 0.0
        self.log: list[Done] = []
        self.coming: list[Coming] = []
        self.listening: set[LineId] = set()
        self.deaf: set[tuple[LineId, Channel]] = set()
        self.up: dict[LineId, CallId] = {}
        self._numbers = 0
        self._requests = 0
        self.tell(CivilTimeKnown(0.0, "clock", 1_790_000_000.0, 28800, synced=True))
        for line in lines:
            self.tell(LineInService(0.0, line, line, ABILITIES))
        if headset:
            self.plugs_in()
        if agent is not None:
            self.asks(SignIn(agent))
            self.asks(SetReady())

    # time ----------------------------------------------------------------------------------------

    def tell(self, event: Event) -> list[Effect]:
        """One event, after everything that was due before it; returns what it made the core do."""
        self.at = max(self.at, event.at)
        self._keep(self.core.advance(event.at))
        return self._keep(self.core.handle(event))

    def runs_to(self, at: float) -> None:
        """Time passes in blocks: coming events, watermarks of every line listened to, due deadlines."""
        while self.at < at - 1e-9:
            self._step(min(at, round(self.at + BLOCK_S, 6)))

    def runs(self, seconds: float) -> None:
        """As much time passes."""
        self.runs_to(round(self.at + seconds, 6))

    def sleeps_to(self, at: float) -> list[Effect]:
        """The loop stalls: nothing is told until `at`, then the core is advanced once."""
        self.at = at
        return self._keep(self.core.advance(at))

    def _step(self, at: float) -> None:
        self._fire_until(at)
        self.at = at
        while self.coming and self.coming[0].at <= at:
            self.tell(replace(self.coming.pop(0).event, at=at))
        for line in sorted(self.listening):
            for channel in Channel:
                if (line, channel) not in self.deaf:
                    self.tell(AudioAnalysedUntil(at, "audio", line, channel, at))

    def _fire_until(self, at: float) -> None:
        for _ in range(50):
            due = self.core.next_deadline()
            if due is None or due > at:
                return
            self.at = max(self.at, due)
            self._keep(self.core.advance(due))
        raise AssertionError(f"the deadline {due} does not go away")

    def _keep(self, effects: Iterable[Effect]) -> list[Effect]:
        kept = list(effects)
        self.log += [Done(self.at, effect) for effect in kept]
        return kept

    def later(self, at: float, event: Event) -> None:
        """Have an event told at `at`."""
        self.coming.append(Coming(at, len(self.coming), event))
        self.coming.sort()

    # calls ---------------------------------------------------------------------------------------

    def rings(
        self, number: str = NUMBER, line: LineId = L1, state: CallState = CallState.RINGING, name: str = ""
    ) -> CallId:
        """A call comes in."""
        self._numbers += 1
        call = CallId(f"{line}-{self._numbers}")
        self.tell(CallDelivered(self.at, line, line, call, state, Direction.INBOUND, number, name))
        return call

    def connects(self, call: CallId, line: LineId = L1) -> None:
        """The line says that the call is up, and its sound is listened to."""
        self.tell_established(call, line)
        self.listens(line)

    def tell_established(self, call: CallId, line: LineId = L1) -> None:
        """The line says that the call is up; who listens to the line goes on listening."""
        self.tell(CallEstablished(self.at, line, line, call))
        self.up[line] = call

    def tell_delivered_again(self, call: CallId, line: LineId = L1, number: str = NUMBER) -> None:
        """The line repeats that a call rings."""
        self.tell(CallDelivered(self.at, line, line, call, CallState.RINGING, Direction.INBOUND, number))

    def answers(self, call: CallId, line: LineId = L1) -> None:
        """The agent goes off-hook, and the line obeys."""
        self.tell(HookChanged(self.at, HS, HS, off_hook=True))
        self.connects(call, line)

    def talks(self, line: LineId = L1, number: str = NUMBER) -> CallId:
        """An inbound call that is connected now."""
        call = self.rings(number, line)
        self.answers(call, line)
        return call

    def calls_out(self, line: LineId = L1, number: str = NUMBER) -> CallId:
        """An outbound call that is connected now."""
        self._numbers += 1
        call = CallId(f"{line}-{self._numbers}")
        self.tell(CallOriginated(self.at, line, line, call, number))
        ringback = CallDelivered(self.at, line, line, call, CallState.RINGBACK, Direction.OUTBOUND, number)
        self.tell(ringback)
        self.connects(call, line)
        return call

    def holds(self, call: CallId, line: LineId = L1) -> None:
        """The line says that the call is on hold."""
        self.tell(CallHeld(self.at, line, line, call))

    def retrieves(self, call: CallId, line: LineId = L1) -> None:
        """The line says that the call is back."""
        self.tell(CallRetrieved(self.at, line, line, call))

    def clears(self, call: CallId, line: LineId = L1, by: By = By.UNKNOWN) -> None:
        """The line says that the call is over."""
        self.tell(CallCleared(self.at, line, line, call, Cause.NORMAL_CLEARING, by))
        if self.up.get(line) == call:
            self.stops_listening(line)

    # sound ---------------------------------------------------------------------------------------

    def listens(self, line: LineId = L1) -> None:
        """The analysers begin on a line."""
        self.listening.add(line)
        self.tell(ListeningStarted(self.at, "audio", line))

    def stops_listening(self, line: LineId = L1) -> None:
        """The analysers end."""
        self.listening.discard(line)
        self.tell(ListeningStopped(self.at, "audio", line, "not connected"))

    def speech(self, channel: Channel, begin: float, end: float, line: LineId = L1) -> None:
        """Somebody speaks from `begin` to `end`; the analysers tell it late and back-dated."""
        self.suspects(channel, begin, line)
        self.later(begin + CONFIRMED_AFTER_S, SpeechStarted(0.0, "audio", line, channel, begin))
        self.later(end + STOPPED_AFTER_S, SpeechStopped(0.0, "audio", line, channel, end))

    def agent_speaks(self, begin: float, end: float, line: LineId = L1) -> None:
        """The agent speaks."""
        self.speech(Channel.NEAR, begin, end, line)

    def customer_speaks(self, begin: float, end: float, line: LineId = L1) -> None:
        """The customer speaks."""
        self.speech(Channel.FAR, begin, end, line)

    def suspects(self, channel: Channel, begin: float, line: LineId = L1) -> None:
        """A first voiced frame."""
        self.later(begin, SpeechSuspected(0.0, "audio", line, channel, begin))

    def dismisses(self, channel: Channel, at: float, line: LineId = L1) -> None:
        """The suspicion comes to nothing."""
        self.later(at, SpeechDismissed(0.0, "audio", line, channel))

    def carries(self, channel: Channel, condition: SignalCondition, line: LineId = L1) -> None:
        """The condition of a channel changes now."""
        self.tell(SignalChanged(self.at, "audio", line, channel, condition, self.at, f"{condition} seen"))

    def finds(
        self,
        channel: Channel,
        fault: AudioFault,
        confidence: float = 0.9,
        began_at: float | None = None,
        line: LineId = L1,
    ) -> None:
        """The analysers find a fault, now or back-dated."""
        began = self.at if began_at is None else began_at
        evidence = f"{fault} measured"
        self.tell(AudioFaultFound(self.at, "audio", line, channel, fault, began, confidence, evidence))

    def mends(self, channel: Channel, fault: AudioFault, line: LineId = L1) -> None:
        """And find it gone."""
        self.tell(AudioFaultEnded(self.at, "audio", line, channel, fault, self.at))

    def plays(self, prompt: PlayPrompt, begin: float, end: float) -> None:
        """A prompt is heard from `begin` to `end`."""
        started = PromptStarted(0.0, "audio", prompt.prompt, prompt.audience, prompt.line)
        self.later(begin, started)
        finished = PromptFinished(0.0, "audio", prompt.prompt, prompt.audience, end, True, prompt.line)
        self.later(end + BLOCK_S, finished)

    # devices and apps ----------------------------------------------------------------------------

    def plugs_in(self, device: DeviceId = HS, features: frozenset[str] = FEATURES) -> None:
        """A headset appears."""
        self.tell(DeviceAttached(self.at, device, device, DeviceKind.HEADSET, "Jabra", features))

    def unplugs(self, device: DeviceId = HS) -> None:
        """A headset is gone."""
        self.tell(DeviceDetached(self.at, device, device, "gone"))

    def hooks(self, *, off: bool, device: DeviceId = HS) -> list[Effect]:
        """The hook key of a headset."""
        return self.tell(HookChanged(self.at, device, device, off))

    def mutes(self, *, muted: bool = True, device: DeviceId = HS) -> list[Effect]:
        """The mute key of a headset that sends edges."""
        return self.tell(MuteRequested(self.at, device, device, muted))

    def reports_mute(self, *, muted: bool, locked: bool = False, device: DeviceId = HS) -> list[Effect]:
        """A headset that states its own mute."""
        return self.tell(MuteReported(self.at, device, device, muted, locked))

    def asks(self, command: Command, basis: Basis = Basis.APP, app: str = "app") -> Reply | None:
        """An app asks; its answer, or None where it has to wait for the line."""
        self._requests += 1
        name = RequestId(f"r{self._requests}")
        self.tell(CommandRequested(self.at, app, command, basis, name))
        return self.reply(name)

    @property
    def last_request(self) -> RequestId:
        """The name of the newest request."""
        return RequestId(f"r{self._requests}")

    # what was decided ----------------------------------------------------------------------------

    def reply(self, name: RequestId | None = None) -> Reply | None:
        """The answer to a request, the newest by default; two answers are an error of the core."""
        name = name or self.last_request
        found = [r for _, r in self.of(Reply) if r.request == name]
        assert len(found) <= 1, f"{name} was answered {len(found)} times"
        return found[0] if found else None

    def of(self, kind: type[EffectT]) -> list[tuple[float, EffectT]]:
        """Every effect of a kind, with its time."""
        return [(done.at, done.effect) for done in self.log if isinstance(done.effect, kind)]

    def told(self, topic: str) -> list[tuple[float, dict[str, object]]]:
        """Every publication of a topic."""
        return [(at, effect.data) for at, effect in self.of(Publish) if effect.topic == topic]

    def cues(self, call: CallId | None = None) -> list[tuple[str, float]]:
        """Every cue given, in order: its id and its time."""
        given = self.told("cue.given")
        return [(str(data["cue"]), at) for at, data in given if call is None or data["call"] == call]

    def cue_times(self, cue: str, call: CallId | None = None) -> list[float]:
        """When a cue was given."""
        return [at for name, at in self.cues(call) if name == cue]

    def cue_names(self, call: CallId | None = None) -> list[str]:
        """The cues given, in order."""
        return [name for name, _ in self.cues(call)]

    def line_prompts(self) -> list[tuple[float, PlayPrompt]]:
        """Every prompt for the customer's ear."""
        return [(at, play) for at, play in self.of(PlayPrompt) if play.audience is Audience.LINE]

    def stopped(self) -> dict[PromptId, str]:
        """Every prompt that was stopped, and why."""
        return {stop.prompt: stop.reason for _, stop in self.of(StopPrompt)}

    def commands(self, line: LineId = L1) -> list[object]:
        """What a line was asked to do."""
        return [effect.command for _, effect in self.of(CallCommand) if effect.line == line]

    def rows(self, call: CallId | None = None) -> list[CallRow]:
        """Every call row as it was written."""
        rows = [effect.row for _, effect in self.of(Record) if isinstance(effect.row, CallRow)]
        return [row for row in rows if call is None or row.call == call]

    def row(self, call: CallId | None = None) -> CallRow:
        """The newest row of a call."""
        return self.rows(call)[-1]

    def agent_rows(self) -> list[AgentRow]:
        """Every change of the agent's state."""
        return [effect.row for _, effect in self.of(Record) if isinstance(effect.row, AgentRow)]

    def promises(self) -> list[PromiseRow]:
        """Every promise written."""
        return [effect.row for _, effect in self.of(Record) if isinstance(effect.row, PromiseRow)]

    def lamps(self, device: DeviceId = HS) -> Lamps:
        """What a device was last told to show."""
        told = [
            effect.command.lamps
            for _, effect in self.of(SendToDevice)
            if effect.device == device and isinstance(effect.command, SetLamps)
        ]
        return told[-1]

    def reasserted(self, device: DeviceId = HS) -> list[float]:
        """When a device was told its lamps although nothing had changed."""
        return [
            at
            for at, effect in self.of(SendToDevice)
            if effect.device == device and isinstance(effect.command, SetLamps) and effect.command.again
        ]

    def displays(self, device: DeviceId = HS) -> list[tuple[str, ...]]:
        """Everything a display showed."""
        return [
            effect.command.lines
            for _, effect in self.of(SendToDevice)
            if effect.device == device and isinstance(effect.command, SetDisplay)
        ]

    @property
    def now(self) -> Snapshot:
        """The seat as it is."""
        return self.core.snapshot()

    def faults(self, line: LineId = L1) -> dict[tuple[str, str], float]:
        """What the picture shows to be wrong with a line's sound: channel and fault, and how sure."""
        (view,) = [view for view in self.now.lines if view.line == line]
        return {(fault.channel.value, fault.fault.value): fault.confidence for fault in view.faults}

    def view(self, call: CallId) -> CallView:
        """One call as it is."""
        return next(view for view in self.now.calls if view.call == call)


def near_to(times: list[float], *expected: float) -> bool:
    """Whether there are exactly so many times, each at the expected one or at most a block later."""
    return len(times) == len(expected) and all(
        -1e-6 <= at - due <= BLOCK_S + 1e-6 for at, due in zip(times, expected, strict=True)
    )
