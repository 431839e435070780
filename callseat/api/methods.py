"""The method table: name, parameters, and the command it becomes; queries have no command.

May not serve a request: the server does, and docs/api.md is generated from here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from callseat.api.errors import RequestError
from callseat.api.line_params import DoneParams, RegisterParams, ReportParams, UnregisterParams
from callseat.api.params import (
    AcquireParams,
    ActParams,
    AgentsParams,
    AgentStateParams,
    CallsParams,
    DialParams,
    DigitsParams,
    MuteParams,
    NoteParams,
    Nothing,
    OneCall,
    OneDevice,
    PromisesParams,
    ShowParams,
    SignInParams,
    SignOutParams,
    TransferParams,
)
from state import commands
from state.commands import Command
from state.ids import CallId, DeviceId, LineId

SHOWN = 64
"""Characters of a client's own word that an error message repeats."""
_LONG_WORD = re.compile(rf"'(.{{{SHOWN}}}).+'", re.DOTALL)
FEW = 6
"""Up to this many valid names are all listed when none is near."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method; `build` turns its parameters into a command (None: a query the server answers)."""

    name: str
    params: type[msgspec.Struct]
    meaning: str
    result: str
    build: Callable[[Any], Command] | None = None
    kinds: tuple[str, ...] = ()


def _call(name: str | None) -> CallId | None:
    return None if name is None else CallId(name)


def _dial(params: DialParams) -> Command:
    line = None if params.line is None else LineId(params.line)
    return commands.Dial(params.number, line, params.customer, params.matter)


def _digits(params: DigitsParams) -> Command:
    return commands.SendDigits(params.digits, _call(params.call))


def _transfer(params: TransferParams) -> Command:
    if params.number is None:
        return commands.CompleteTransfer(_call(params.call))
    return commands.Transfer(params.number, _call(params.call))


def _closing(params: OneCall) -> Command:
    return commands.BeginClosing(_call(params.call))


def _mute(params: MuteParams) -> Command:
    return commands.SetMute(params.value)


def _identify(params: OneDevice) -> Command:
    return commands.IdentifyDevice(DeviceId(params.device))


def _acquire(params: AcquireParams) -> Command:
    return commands.AcquireHeadset(DeviceId(params.device), params.app, params.hands_off)


def _release(params: OneDevice) -> Command:
    return commands.ReleaseHeadset(DeviceId(params.device))


def _show(params: ShowParams) -> Command:
    return commands.ShowHeadset(DeviceId(params.device), params.off_hook, params.ring, params.hold)


def _sign_in(params: SignInParams) -> Command:
    return commands.SignIn(params.agent)


def _sign_out(params: SignOutParams) -> Command:
    return commands.SignOut(params.successor)


def _repeat(_params: Nothing) -> Command:
    return commands.RepeatCue()


def _cancel(_params: Nothing) -> Command:
    return commands.CancelCue()


def _note(params: NoteParams) -> Command:
    if params.promise_subject is None and params.promise_due is not None:
        raise RequestError("invalid_params", "promise_due without promise_subject: say what is promised")
    return commands.NoteCall(**msgspec.structs.asdict(params))


def _agent_state(params: AgentStateParams) -> Command:
    if params.state == "not_ready":
        return commands.SetNotReady(params.reason)
    if params.reason:
        raise RequestError("invalid_params", "a reason goes with not_ready only")
    return commands.SetReady()


_LINE_KINDS = ("invalid_state", "not_supported", "line_out_of_service", "device_error", "gone", "timeout")
_CALL_KINDS = ("no_such_call", *_LINE_KINDS)
_DIAL_KINDS = (*_LINE_KINDS, "invalid_number", "not_signed_in", "busy")
_MUTE_KINDS = ("locked", "not_supported", "timeout")
_DEVICE_KINDS = ("no_such_device", "busy", "timeout")
_LEASE_KINDS = ("held", "not_held", "timeout")
_AGENT_KINDS = ("invalid_state", "not_signed_in", "timeout")
_SERVING_KINDS = ("held", "not_held")
_REPORT_KINDS = (*_SERVING_KINDS, "no_such_call", "invalid_state", "busy")
_NOTE_KINDS = ("no_such_call", "timeout")
_CUE_KINDS = ("invalid_state", "timeout")
_NONE = "`{}`"
_CALL = "`call`, once the line has done it"
_STATES = "Set ready or not ready; during a call it becomes pending."
_AGENT = "`state`, `pending`"
_OWED = "`state`, `pending`, `promises` still owed"
_NOTED = "`record`, `promise` (empty: none)"
_PICTURE = "`snapshot`, and the `seq` it is valid at"
_ACTS = "Play the customer, or the agent's hands, at a simulated device."
_ABOUT = "name, version, pid, `api`, `seq`, counters"
_CAN = "methods, notifications, errors, limits, lines"
_HOLD = "Hold a headset for an app's own calls; the lease ends with the connection."
_SHOW = (
    "What a held headset shows while no call of the seat needs it; a press shows at once, for two seconds."
)
_SENT_ON = "Send a call on to a number, or connect the two calls of a line with each other, and leave."
_SERVE = "Be a line of the seat, with a softphone of one's own; it ends with the connection."
_LISTED = "`calls`: the seat's name of each, by the app's"
_REPORTED = "`call`: the seat's name of it"
_WHY = "`cue` (null: none), `why`, `silence` by call"


def _queries() -> tuple[Method, ...]:
    def asked(name: str, params: type[msgspec.Struct], meaning: str, result: str, *more: str) -> Method:
        return Method(name, params, meaning, result, kinds=("not_supported", *more, "timeout"))

    return (
        Method("server.info", Nothing, "Who serves here, and how busy.", _ABOUT),
        Method("server.capabilities", Nothing, "What can be asked of this seat.", _CAN),
        Method("server.clients", Nothing, "Who is connected, with each one's last 20 requests.", "`clients`"),
        Method("events.subscribe", Nothing, "Be told of everything from now on.", _PICTURE),
        Method("events.unsubscribe", Nothing, "Be told nothing any more.", "`{}`"),
        Method("state.get", Nothing, "The seat as it is now.", _PICTURE),
        Method("status.why", Nothing, "Why callseat says what it says.", _WHY),
        asked("records.calls", CallsParams, "Calls on record, newest first.", "`calls`"),
        asked("records.promises", PromisesParams, "What is owed, oldest first.", "`promises`"),
        asked("records.agents", AgentsParams, "Changes of the agent's state, newest first.", "`agents`"),
        asked("simulated.act", ActParams, _ACTS, "`act`: what was done, where", "invalid_state"),
    )


def _call_methods() -> tuple[Method, ...]:
    def one(verb: str, meaning: str, make: Callable[[CallId | None], Command], *more: str) -> Method:
        return Method(
            f"call.{verb}", OneCall, meaning, _CALL, lambda p: make(_call(p.call)), (*_CALL_KINDS, *more)
        )

    return (
        one("answer", "Answer a ringing or waiting call.", commands.Answer),
        one("reject", "Refuse a ringing or waiting call.", commands.Reject),
        one("hangup", "End a call that is dialled, connected or held.", commands.HangUp, "hang_up_held"),
        Method("call.dial", DialParams, "Start a call.", _CALL, _dial, _DIAL_KINDS),
        one("hold", "Put the connected call on hold.", commands.Hold),
        one("retrieve", "Take a held call back.", commands.Retrieve),
        one("swap", "Exchange the connected and the held call.", commands.Swap),
        one("join", "Make one conference of the connected and the held call.", commands.Join),
        Method("call.transfer", TransferParams, _SENT_ON, _CALL, _transfer, (*_CALL_KINDS, "invalid_number")),
        Method(
            "call.send_digits", DigitsParams, "Send DTMF into a connected call.", _CALL, _digits, _CALL_KINDS
        ),
        Method("call.begin_closing", OneCall, "The closing words were said.", _NONE, _closing, _NOTE_KINDS),
        Method(
            "call.note",
            NoteParams,
            "Write category, note and promise into a record.",
            _NOTED,
            _note,
            _NOTE_KINDS,
        ),
    )


def _seat_methods() -> tuple[Method, ...]:
    return (
        Method("device.set_mute", MuteParams, "Set the microphone muted or live.", _NONE, _mute, _MUTE_KINDS),
        Method(
            "device.identify", OneDevice, "Blink a lamp for three seconds.", _NONE, _identify, _DEVICE_KINDS
        ),
        Method("headset.acquire", AcquireParams, _HOLD, _NONE, _acquire, (*_DEVICE_KINDS, "held")),
        Method("headset.release", OneDevice, "Give the lease back.", _NONE, _release, _LEASE_KINDS),
        Method("headset.show", ShowParams, _SHOW, _NONE, _show, _LEASE_KINDS),
        Method("agent.sign_in", SignInParams, "Sign the agent in.", _OWED, _sign_in, _CUE_KINDS),
        Method("agent.sign_out", SignOutParams, "Sign the agent out.", _OWED, _sign_out, _AGENT_KINDS),
        Method(
            "agent.set_state",
            AgentStateParams,
            _STATES,
            _AGENT,
            _agent_state,
            _AGENT_KINDS,
        ),
        Method("cue.repeat", Nothing, "Say or show the newest cue again.", _NONE, _repeat, _CUE_KINDS),
        Method("cue.cancel", Nothing, "Stop the cue that is said or shown.", _NONE, _cancel, _CUE_KINDS),
    )


def _line_methods() -> tuple[Method, ...]:
    return (
        Method("line.register", RegisterParams, _SERVE, _LISTED, kinds=("held", "invalid_state", "busy")),
        Method("line.unregister", UnregisterParams, "Be no line any more.", _NONE, kinds=_SERVING_KINDS),
        Method("line.report", ReportParams, "Tell what happened on it.", _REPORTED, kinds=_REPORT_KINDS),
        Method("line.done", DoneParams, "Tell what came of a `line.command`.", _NONE, kinds=_SERVING_KINDS),
    )


METHODS: Mapping[str, Method] = {
    method.name: method for method in (*_queries(), *_call_methods(), *_seat_methods(), *_line_methods())
}


def parse(name: str, params: Mapping[str, Any]) -> tuple[Method, Any]:
    """Find the method and check its parameters; refuse with the nearest valid name."""
    method = METHODS.get(name)
    if method is None:
        raise RequestError("method_not_found", f"no method {_short(name)}{_hint(name, METHODS)}")
    known = [field.name for field in msgspec.structs.fields(method.params)]
    for given in params:
        if given not in known:
            message = f"{name} has no parameter {_short(given)}{_hint(given, known)}"
            raise RequestError("invalid_params", message)
    try:
        return method, msgspec.convert(params, method.params)
    except msgspec.ValidationError as error:
        raise RequestError("invalid_params", f"{name}: {_plain(str(error), method.params)}") from None


def _plain(message: str, params: type[msgspec.Struct]) -> str:
    """Keep a pattern out of a message people read: the parameter's description says what is allowed."""
    message = _LONG_WORD.sub(r"'\1...'", message)
    before, found, after = message.partition(" matching regex ")
    if not found:
        return message
    place = after.rpartition(" - at ")[2]
    fields = msgspec.json.schema(params)["$defs"][params.__name__]["properties"]
    form = fields.get(place.strip("`").removeprefix("$."), {}).get("description")
    return f"{before} of the form docs/api.md gives - at {place}" + (f": {form}" if form else "")


def _hint(given: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(given[:SHOWN], known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; it takes {', '.join(known)}" if 0 < len(known) <= FEW else ""


def _short(given: str) -> str:
    return repr(given if len(given) <= SHOWN else given[:SHOWN] + "...")
