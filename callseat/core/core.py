"""One seat, pure: events in, effects out, time handed in.

May not read a clock or perform anything. The same core serves a real seat, a journal and a scenario.
"""

from __future__ import annotations

from callseat.core.cueboard import CueBoard
from callseat.core.picture import draw, lamps_for, lines_for
from prompts.choice import WEEKENDS, Calendar
from prompts.phrasebook import Context, Phrasebook
from state.commands import Lamps, RepeatCue, SetDisplay, SetLamps, SetPassive
from state.cues import Cue
from state.effects import Effect, Publish, Reply, SendToDevice
from state.events import (
    AudioAnalysedUntil,
    AudioFaultEnded,
    AudioFaultFound,
    CivilTimeKnown,
    EffectFailed,
    Event,
    LevelMeasured,
    ListeningStopped,
    PromptFinished,
    PromptStarted,
    SignalChanged,
    SpeechMeasured,
    SpeechStarted,
    SpeechStopped,
)
from state.handlers import handle
from state.ids import DeviceId, PromptId
from state.seat import Seat
from state.settings import SeatSettings
from state.snapshot import Snapshot
from state.words import Audience

_UNHEARD = (
    AudioAnalysedUntil,
    LevelMeasured,
    SignalChanged,
    AudioFaultFound,
    AudioFaultEnded,
    SpeechMeasured,
)
"""Nothing the arbiter hears, and the bulk of a day's events: fifty watermarks a second on each channel."""


class Core:
    """Composes the seat's regions with arbiter, phrasebook, lamps and display."""

    def __init__(
        self,
        settings: SeatSettings,
        phrasebook: Phrasebook | None = None,
        calendar: Calendar = WEEKENDS,
        speak: bool = True,
    ) -> None:
        self._settings = settings
        self._phrasebook = phrasebook or Phrasebook()
        self._language = self._phrasebook.resolve(settings.language)
        self._terms = self._phrasebook.terms(self._language)
        self._calendar = calendar
        self._seat = Seat(settings, self._terms["call_back"])
        warning_s = settings.silent_call.hang_up_warning_s
        self._cues = CueBoard(self._phrasebook, self._language, warning_s, speak)
        self._civil: CivilTimeKnown | None = None
        self._lamps: dict[DeviceId, Lamps] = {}
        self._passive: set[DeviceId] = set()
        """Headsets an app has to itself."""
        self._displays: dict[DeviceId, tuple[str, ...]] = {}
        self._snapshot: Snapshot | None = None

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Decide one event; returns what is to be done, in order."""
        if isinstance(event, _UNHEARD):
            handle(self._seat, event)
            return self._collect([]) if self._seat.desk.full else ()
        decided = self._decidable(event)
        effects = self._hear(event)
        if decided is not None:
            handle(self._seat, decided)
        return self._collect(effects)

    def advance(self, at: float) -> tuple[Effect, ...]:
        """Let time pass to `at`; returns what became due."""
        desk, due = self._seat.desk, self._cues.next_deadline()
        cues_due = due is not None and due <= at
        if not cues_due and not desk.timers.due(at):
            desk.at = max(desk.at, at)
            return ()
        self._seat.advance(at)
        if cues_due:
            desk.changed = True
            return self._collect(self._cues.advance(at))
        return self._collect([]) if desk.full else ()

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        timer, cue = self._seat.desk.timers.next_deadline(), self._cues.next_deadline()
        if timer is None or cue is None:
            return cue if timer is None else timer
        return min(timer, cue)

    def snapshot(self) -> Snapshot:
        """The seat as it is; the same object until something changes."""
        if self._snapshot is None:
            self._snapshot = draw(self._seat, self._cues.current, self._terms)
        return self._snapshot

    # what the arbiter hears ----------------------------------------------------------------------

    def _hear(self, event: Event) -> list[Effect]:
        cues = self._cues
        if isinstance(event, SpeechStarted):
            return cues.speech(event.channel, event.line, True, event.at)
        if isinstance(event, SpeechStopped):
            return cues.speech(event.channel, event.line, False, event.at)
        if isinstance(event, PromptStarted):
            return cues.started(event.prompt, event.at)
        if isinstance(event, PromptFinished):
            return cues.finished(event.prompt, event.at)
        if isinstance(event, EffectFailed) and event.effect == "PlayPrompt":
            return cues.finished(PromptId(event.target), event.at)
        if isinstance(event, ListeningStopped):
            return cues.forget_line(event.line, event.at)
        if isinstance(event, CivilTimeKnown):
            self._civil = event
        return []

    def _decidable(self, event: Event) -> Event | None:
        """A prompt that could not be played to the line is one that ended unheard.

        One that did not reach the agent's ear is still on the display: nothing to decide.
        """
        if not isinstance(event, EffectFailed) or event.effect != "PlayPrompt":
            return event
        prompt = PromptId(event.target)
        line = self._cues.line_of(prompt)
        if line is None:
            return None
        return PromptFinished(event.at, event.source, prompt, Audience.LINE, event.at, False, line)

    # the outbox ----------------------------------------------------------------------------------

    def _collect(self, effects: list[Effect]) -> tuple[Effect, ...]:
        """Empty the desk's outbox: cues into words, then lamps and displays where they differ."""
        desk = self._seat.desk
        if desk.withdrawn or desk.cues or desk.cue_keys:
            self._tell(effects)
        if desk.coming:
            coming, desk.coming = desk.coming, []
            effects += [self._cues.prepare(cue, self._context(cue)) for cue in coming]
        if desk.changed:
            self._snapshot = None
            self._relight(effects)
            desk.changed = False
        if desk.effects:
            effects = desk.effects + effects
            desk.effects = []
        return tuple(effects)

    def _tell(self, effects: list[Effect]) -> None:
        desk = self._seat.desk
        desk.changed = True
        withdrawn, desk.withdrawn = desk.withdrawn, []
        for call, prefix in withdrawn:
            effects += self._cues.withdraw(call, prefix, desk.at)
        for cue in self._seat.take_cues():
            effects += self._give(cue)
        keys, desk.cue_keys = desk.cue_keys, []
        for command, request in keys:
            act = self._cues.repeat if isinstance(command, RepeatCue) else self._cues.cancel
            done, told = act(desk.at)
            effects += told
            if done:
                effects.append(Publish("cue.repeated" if isinstance(command, RepeatCue) else "cue.cancelled"))
            if request is not None:
                effects.append(Reply(request) if done else Reply(request, "invalid_state", "no cue is shown"))

    def _give(self, cue: Cue) -> list[Effect]:
        call = self._seat.calls.get(cue.call) if cue.call is not None else None
        return self._cues.give(cue, self._context(cue), call.line if call is not None else None)

    def _context(self, cue: Cue) -> Context:
        """Whatever the words of a cue depend on besides its facts."""
        call = self._seat.calls.get(cue.call) if cue.call is not None else None
        return Context(
            language=self._language,
            centre_name=self._settings.centre_name,
            agent=self._seat.desk.agent,
            say_staff_number=self._settings.say_staff_number,
            customer_name=call.customer if call is not None else "",
            matter=call.matter if call is not None else "",
            civil=self._civil,
            calendar=self._calendar,
        )

    def _relight(self, effects: list[Effect]) -> None:
        """Lamps and displays are a function of the state, written where they differ from what was.

        A headset that asked for what it did not get is told again, though nothing differs.
        """
        seat = self._seat
        again, seat.reassert = seat.reassert, set()
        for device in seat.devices.values():
            if self._passive_changed(device.id):
                effects.append(SendToDevice(device.id, SetPassive(device.id in self._passive)))
            if device.id in self._passive:
                continue
            lamps = lamps_for(seat, device.id)
            same = self._lamps.get(device.id) == lamps
            if not same or device.id in again:
                self._lamps[device.id] = lamps
                effects.append(SendToDevice(device.id, SetLamps(lamps, again=same)))
            if "display" in device.features:
                lines = lines_for(self.snapshot(), device.features, self._terms)
                if self._displays.get(device.id) != lines:
                    self._displays[device.id] = lines
                    effects.append(SendToDevice(device.id, SetDisplay(lines)))
        for shown in (self._lamps, self._displays):
            for gone in [device for device in shown if device not in seat.devices]:
                del shown[gone]
        self._passive.intersection_update(seat.devices)

    def _passive_changed(self, device: DeviceId) -> bool:
        """Whether an app has just taken a headset to itself, or given it back; its lamps are unknown then."""
        alone = self._seat.left_alone(device)
        if alone is (device in self._passive):
            return False
        self._lamps.pop(device, None)
        self._displays.pop(device, None)
        if alone:
            self._passive.add(device)
        else:
            self._passive.discard(device)
        return True
