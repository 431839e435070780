"""Random but repeatable event sequences over two lines with two calls each.

May not know what is right; it only makes what can happen, in any order, true or not.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from state.commands import (
    Answer,
    BeginClosing,
    CancelCue,
    Command,
    Dial,
    HangUp,
    Hold,
    NoteCall,
    Reject,
    RepeatCue,
    Retrieve,
    SendDigits,
    SetMute,
    SetNotReady,
    SetReady,
    SignIn,
    SignOut,
)
from state.events import (
    AudioAnalysedUntil,
    AudioFaultEnded,
    AudioFaultFound,
    ButtonPressed,
    CallCleared,
    CallDelivered,
    CallEstablished,
    CallFailed,
    CallHeld,
    CallOriginated,
    CallRetrieved,
    CallSeen,
    CallUpdated,
    CivilTimeKnown,
    CommandCompleted,
    CommandRequested,
    DeviceAttached,
    DeviceDetached,
    DigitKeyed,
    DigitsReceived,
    EffectFailed,
    Event,
    HookChanged,
    LevelMeasured,
    LineInService,
    LineMuteReported,
    LineOutOfService,
    ListeningStarted,
    ListeningStopped,
    MuteReported,
    MuteRequested,
    PromptFinished,
    PromptStarted,
    SignalChanged,
    SpeechDismissed,
    SpeechMeasured,
    SpeechStarted,
    SpeechStopped,
    SpeechSuspected,
)
from state.ids import CallId, DeviceId, LineId, PromptId, RequestId
from state.rows import SpeechFigure
from state.words import (
    Audience,
    AudioFault,
    Basis,
    Button,
    By,
    CallState,
    Cause,
    Channel,
    DeviceKind,
    Direction,
    SignalCondition,
)

LINES = (LineId("l1"), LineId("l2"))
DEVICES = (DeviceId("hs1"), DeviceId("hs2"))
SECRET = "*7#3*"
"""Keyed in every sequence; it may be sent to a line and be nowhere else."""
_STEPS_S = (0.0, 0.02, 0.02, 0.02, 0.3, 1.0, 2.0, 5.1, 40.0)


class Chance:
    """A source of events; the same seed gives the same events."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._at = 0.0
        self._requests = 0
        self._coming: list[Callable[[], Event]] = []
        self._makers: tuple[Callable[[], Event], ...] = (
            *(self._call_event,) * 6,
            *(self._speech,) * 5,
            *(self._fault,) * 3,
            self._measured,
            self._quiet,
            *(self._watermark,) * 5,
            *(self._command,) * 4,
            *(self._device,) * 3,
            self._line,
            self._listening,
            self._prompt,
            self._outcome,
            self._world,
        )

    def events(self, count: int) -> list[Event]:
        """So many events; times stand still, go on, jump, and now and then run backwards."""
        made = []
        for _ in range(count):
            if not self._coming:
                self._at = round(self._at + self._pick(_STEPS_S), 2)
            if self._random.random() < 0.02:
                self._at = max(0.0, self._at - 1.0)
            made.append(self._coming.pop(0)() if self._coming else self._pick(self._makers)())
        return made

    def endings(self) -> list[Event]:
        """What ends every call there can be."""
        at = self._at + 1.0
        calls = [(line, CallId(f"{line}-{number}")) for line in LINES for number in (1, 2)]
        return [CallCleared(at, line, line, call, Cause.NORMAL_CLEARING) for line, call in calls]

    def _pick(self, choices: tuple) -> object:
        return self._random.choice(choices)

    def _call(self) -> tuple[LineId, CallId]:
        line = self._pick(LINES)
        return line, CallId(f"{line}-{self._random.randint(1, 2)}")

    def _number(self) -> str:
        return self._pick(("", "10086", "13800138000"))

    def _call_event(self) -> Event:
        line, call = self._call()
        kind = self._random.randrange(9)
        at, number = self._at, self._number()
        by, cause = self._pick(tuple(By)), self._pick(tuple(Cause))
        offered = (CallState.RINGING, CallState.WAITING, CallState.RINGBACK, CallState.HELD)
        made = (
            lambda: CallOriginated(at, line, line, call, number),
            lambda: CallDelivered(
                at, line, line, call, self._pick(offered), self._pick(tuple(Direction)), number
            ),
            lambda: CallUpdated(at, line, line, call, number, "name"),
            lambda: CallEstablished(at, line, line, call),
            lambda: CallHeld(at, line, line, call),
            lambda: CallRetrieved(at, line, line, call),
            lambda: CallCleared(at, line, line, call, cause, by),
            lambda: CallFailed(at, line, line, call, cause, by),
            lambda: DigitsReceived(at, line, line, call, 3),
        )
        return made[kind]()

    def _speech(self) -> Event:
        line, channel, at = self._pick(LINES), self._pick(tuple(Channel)), self._at
        began = max(0.0, at - 0.1)
        made = (
            lambda: SpeechSuspected(at, "audio", line, channel, began),
            lambda: SpeechDismissed(at, "audio", line, channel),
            lambda: SpeechStarted(at, "audio", line, channel, began),
            lambda: SpeechStopped(at, "audio", line, channel, began),
            lambda: SignalChanged(
                at, "audio", line, channel, self._pick(tuple(SignalCondition)), began, "seen"
            ),
            lambda: LevelMeasured(at, "audio", line, channel, -30.0, -60.0),
        )
        return self._pick(made)()

    def _fault(self) -> Event:
        line, channel, at = self._pick(LINES), self._pick(tuple(Channel)), self._at
        fault, began = self._pick(tuple(AudioFault)), max(0.0, at - self._pick((0.0, 1.0, 16.0)))
        if self._random.random() < 0.3:
            return AudioFaultEnded(at, "audio", line, channel, fault, at)
        sure = self._pick((0.3, 0.6, 0.9))
        return AudioFaultFound(at, "audio", line, channel, fault, began, sure, "measured")

    def _measured(self) -> Event:
        line, call = self._call()
        figures = (SpeechFigure("near.talk_s", self._pick((0.5, 12.0)), Basis.SENSED),)
        return SpeechMeasured(self._at, "audio", line, call, figures)

    def _watermark(self) -> Event:
        return AudioAnalysedUntil(self._at, "audio", self._pick(LINES), self._pick(tuple(Channel)), self._at)

    def _quiet(self) -> Event:
        """Both sides of a line are known to have said nothing for a while."""
        line, began = self._pick(LINES), self._at

        def known(after_s: float, channel: Channel) -> Event:
            self._at = max(self._at, began + after_s)
            return AudioAnalysedUntil(self._at, "audio", line, channel, self._at)

        self._coming += [partial(known, at, channel) for at in (0.8, 1.6, 2.4) for channel in Channel]
        return ListeningStarted(began, "audio", line)

    def _listening(self) -> Event:
        line = self._pick(LINES)
        if self._random.random() < 0.7:
            return ListeningStarted(self._at, "audio", line)
        return ListeningStopped(self._at, "audio", line, "end")

    def _line(self) -> Event:
        line, call = self._call()
        at = self._at
        if self._random.random() < 0.4:
            return LineOutOfService(at, line, line, "gone")
        abilities = frozenset({"answer", "reject", "dial", "hold", "retrieve", "mute", "digits"})
        states = (CallState.RINGING, CallState.CONNECTED, CallState.HELD, CallState.DIALING)
        seen = CallSeen(call, self._pick(states), self._pick(tuple(Direction)), self._number())
        return LineInService(at, line, line, abilities, self._pick(((), (seen,), None)))

    def _device(self) -> Event:
        device, at, flag = self._pick(DEVICES), self._at, self._random.random() < 0.5
        features = frozenset({"hook", "mute", "display"})
        button, long = self._pick(tuple(Button)), self._random.random() < 0.3
        made = (
            lambda: DeviceAttached(at, device, device, DeviceKind.HEADSET, "Jabra", features),
            lambda: DeviceDetached(at, device, device, "gone"),
            lambda: HookChanged(at, device, device, flag),
            lambda: HookChanged(at, device, device, flag),
            lambda: MuteRequested(at, device, device, flag),
            lambda: MuteReported(at, device, device, flag, flag and long),
            lambda: ButtonPressed(at, device, device, button, long),
            lambda: DigitKeyed(at, device, device, SECRET),
        )
        return self._pick(made)()

    def _command(self) -> Event:
        _, named = self._call()
        call = self._pick((None, named))
        command: Command = self._pick(
            (
                Answer(call), Reject(call), HangUp(call), Hold(call), Retrieve(call), BeginClosing(call),
                SendDigits(SECRET, call), SetMute(True), SetMute(False), RepeatCue(), CancelCue(),
                Dial(self._number(), self._pick((None, *LINES))), SignIn("8001"), SignOut("8002"),
                SetReady(), SetNotReady("lunch"), NoteCall(note="x"), NoteCall(promise_subject="y"),
            )
        )  # fmt: skip
        self._requests += 1
        return CommandRequested(self._at, "app", command, Basis.APP, RequestId(f"r{self._requests}"))

    def _prompt(self) -> Event:
        prompt, at = PromptId(f"p{self._random.randint(1, 6)}"), self._at
        audience, line = self._pick(tuple(Audience)), self._pick(LINES)
        if self._random.random() < 0.5:
            return PromptStarted(at, "audio", prompt, audience, line)
        return PromptFinished(at, "audio", prompt, audience, at, self._random.random() < 0.7, line)

    def _outcome(self) -> Event:
        line, call = self._call()
        at, prompt = self._at, f"p{self._random.randint(1, 6)}"
        made = (
            lambda: EffectFailed(at, line, "CallCommand", line, "timeout", self._pick((None, call))),
            lambda: EffectFailed(at, "executor", "PlayPrompt", prompt, "gone"),
            lambda: EffectFailed(at, "executor", "SendToDevice", DEVICES[0], "gone"),
            lambda: CommandCompleted(at, line, "CallCommand", line, self._pick((None, call))),
        )
        return self._pick(made)()

    def _world(self) -> Event:
        line, at = self._pick(LINES), self._at
        if self._random.random() < 0.5:
            return LineMuteReported(at, line, line, self._random.random() < 0.5)
        return CivilTimeKnown(at, "clock", 1.79e9 + self._random.uniform(-1e5, 1e5), 28800, True)
