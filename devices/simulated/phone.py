"""A simulated desk phone that speaks 27.007 like oFono's phonesim: the device's side of the AT dialogue.

May not share code with the engine that drives it, nor be kinder than real phones: it glues lines, splits them
anywhere, speaks up between a command and its OK, and answers ERROR to a bare AT.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from devices.simulated.phone_calls import OFFERED, OUTGOING, PhoneCall, PhoneCalls, Stat
from state.engine import NOTHING, Step, Write

SPLIT_S = 0.002
"""Between two pieces of a split answer (115200 baud moves 23 bytes in that time)."""
MAX_COMMAND = 256
_BASIC = re.compile(r"(?:([EVQXLM])([0-9]?))+")
_BASIC_PART = re.compile(r"([EVQXLM])([0-9]?)")
_DIAL = re.compile(r"D([0-9*#+A-D]+);?")
_SETTING = re.compile(r"\+([A-Z]+)=([0-9,]+)")
_NOT_ALLOWED = 3
"""+CME ERROR: operation not allowed (27.007 9.2)."""
_SETTINGS = frozenset({"CMEE", "CRC", "CLIP", "CCWA", "COLP", "CSSN", "CNAP"})


class SimulatedPhone:
    """One phone; `feed` it what the host wrote, send the host what its steps write.

    `split_seed` cuts everything it says at places that follow from the seed; None leaves it glued.
    `operations`: what AT+CHLD=? names, such as "0,1,2,3", and all that works then; empty: ERROR, all work.
    `answer_after_s`: a dialled party picks up by itself this long after it was dialled; None: never.
    """

    def __init__(
        self,
        *,
        lines_of_calls: int = 2,
        latency_s: float = 0.03,
        ring_s: float = 2.0,
        alert_after_s: float = 1.0,
        answer_after_s: float | None = None,
        split_seed: int | None = None,
        echo: bool = True,
        operations: str = "",
    ) -> None:
        self._calls = PhoneCalls(lines_of_calls)
        self._latency_s = latency_s
        self._ring_s = ring_s
        self._alert_after_s = alert_after_s
        self._answer_after_s = answer_after_s
        self._seed = split_seed
        self._echo = echo
        self._operations = operations
        self._typed = bytearray()
        self._settings = dict.fromkeys(_SETTINGS, "0")
        self._said: list[tuple[float, bytes]] = []
        self._wire = bytearray()
        self._wire_at: float | None = None
        self._ring_at: float | None = None
        self._refusals: dict[str, str] = {}
        self._wedged = False
        self.muted = False

    # what can be seen ------------------------------------------------------------------------

    @property
    def calls(self) -> tuple[PhoneCall, ...]:
        """Every call: index, stat, number."""
        return tuple(self._calls.all)

    @property
    def connected(self) -> bool:
        """Whether call audio is up."""
        return bool(self._calls.in_stat(Stat.ACTIVE))

    # the wire --------------------------------------------------------------------------------

    def feed(self, data: bytes, at: float) -> Step:
        """Take bytes of the host; a command ends with CR."""
        for byte in data:
            if byte != 0x0D:
                self._typed = (self._typed + bytes((byte,)))[-MAX_COMMAND:]
                continue
            text = self._typed.decode("latin-1")
            self._typed.clear()
            if not self._wedged:
                self._command(text, at)
        return self.advance(at)

    def advance(self, at: float) -> Step:
        """Ring, alert and answer what is due."""
        for call in self._calls.in_stat(Stat.DIALING):
            due = call.alert_at
            if due is not None and due <= at:
                self._say([self._calls.become(call, Stat.ALERTING)], due)
        for call in self._calls.in_stat(Stat.ALERTING):
            due = call.answer_at
            if due is not None and due <= at:
                self._say([self._calls.become(call, Stat.ACTIVE)], due)
        while self._ring_at is not None and self._ring_at <= at:
            self._ring(self._ring_at)
        return self._flow(at)

    def next_deadline(self) -> float | None:
        """When `advance` has something to do, or None."""
        times = [self._ring_at, self._wire_at, *(call.alert_at for call in self._calls.all)]
        times += [call.answer_at for call in self._calls.in_stat(Stat.ALERTING)]
        times += [due for due, _ in self._said]
        return min((time for time in times if time is not None), default=None)

    def host_gone(self) -> None:
        """The host closed the port or died: what was on its way is lost, calls and settings live on."""
        self._typed.clear()
        self._said.clear()
        self._wire.clear()
        self._wire_at = None

    def refuse(self, command: str, error: str = "+CME ERROR: 4") -> None:
        """Answer the next command that starts with `command` with `error`, and do nothing."""
        self._refusals[command] = error

    def wedge(self, *, wedged: bool = True) -> None:
        """Stop answering the host (or start again); calls go on."""
        self._wedged = wedged

    # the far party ---------------------------------------------------------------------------

    def ring_in(self, number: str, at: float, name: str = "") -> Step:
        """Somebody calls; a third caller hears busy and the phone says nothing. Empty number: withheld."""
        call = self._calls.place(number, incoming=True, name=name)
        if call is None:
            return NOTHING
        if call.stat is Stat.WAITING:
            asked = self._settings["CCWA"] != "0"
            self._say([f"+CCWA: {call.address},1,0"] if asked else [], at)
        else:
            self._ring(at)
        self._say([self._calls.tell(call)], at)
        return self._flow(at)

    def far_answer(self, at: float) -> Step:
        """The called party picks up."""
        calls = self._calls.in_stat(*OUTGOING)
        self._say([self._calls.become(call, Stat.ACTIVE) for call in calls[:1]], at)
        return self._flow(at)

    def far_busy(self, at: float) -> Step:
        """The called party is busy."""
        for call in self._calls.in_stat(*OUTGOING)[:1]:
            self._say([*self._calls.release(call), "BUSY"], at)
        return self._flow(at)

    def far_hang_up(self, at: float, index: int | None = None) -> Step:
        """The far party of a call (None: the oldest one) hangs up or gives up."""
        calls = [call for call in self._calls.all if index in {None, call.index}]
        for call in calls[:1]:
            self._say([*self._calls.release(call), "NO CARRIER"], at)
        self._settle(at)
        return self._flow(at)

    # saying things ---------------------------------------------------------------------------

    def _say(self, lines: list[str], at: float) -> None:
        data = b"".join(f"\r\n{line}\r\n".encode() for line in lines)
        if data:
            self._said.append((at, data))

    def _flow(self, at: float) -> Step:
        """Everything due goes on the wire glued; a split wire carries one piece at a time."""
        due = sorted((item for item in self._said if item[0] <= at), key=lambda item: item[0])
        self._said = [item for item in self._said if item[0] > at]
        for _, data in due:
            self._wire += data
        if not self._wire or (self._wire_at is not None and at < self._wire_at):
            return NOTHING
        size = len(self._wire) if self._seed is None else self._next_size()
        piece = bytes(self._wire[:size])
        del self._wire[:size]
        self._wire_at = at + SPLIT_S if self._wire else None
        return Step(writes=(Write(piece),))

    def _next_size(self) -> int:
        """One to 24 bytes, from a linear congruential generator: the same on every machine."""
        self._seed = ((self._seed or 0) * 1103515245 + 12345) & 0x7FFFFFFF
        return 1 + (self._seed >> 8) % 24

    def _ring(self, at: float) -> None:
        calls = self._calls.in_stat(Stat.INCOMING)
        if not calls:
            self._ring_at = None
            return
        self._ring_at = at + self._ring_s
        lines = ["+CRING: VOICE" if self._settings["CRC"] == "1" else "RING"]
        if self._settings["CLIP"] == "1":
            lines.append(f"+CLIP: {calls[0].address},,,,{0 if calls[0].number else 1}")
        if calls[0].name:
            lines.append(f'+CNAP: "{calls[0].name}",0')
        self._say(lines, at)

    def _settle(self, at: float) -> None:
        """A waiting call that became incoming starts to ring; a call that rings no more stops."""
        ringing = bool(self._calls.in_stat(Stat.INCOMING))
        if not ringing:
            self._ring_at = None
        elif self._ring_at is None:
            self._ring_at = at + self._ring_s

    # commands --------------------------------------------------------------------------------

    def _command(self, text: str, at: float) -> None:
        if self._echo:
            self._said.append((at, text.encode("latin-1") + b"\r"))
        body = text.strip().upper()
        if not body:
            return
        if not body.startswith("AT") or body == "AT":
            self._answer_error(at, None)
            return
        for refused in [prefix for prefix in self._refusals if body.startswith(prefix)]:
            self._answer([self._refusals.pop(refused)], at)
            return
        parts = [part for part in body[2:].split(";") if part]
        for place, part in enumerate(parts):
            ending = place == len(parts) - 1
            if not self._part(part, at, ending=ending):
                return

    def _part(self, part: str, at: float, *, ending: bool) -> bool:
        """Do one command of the line; false ends the line with an error."""
        lines = self._perform(part, at)
        if lines is None:
            self._answer_error(at, _NOT_ALLOWED if part in _ACTIONS or _CALLING.match(part) else None)
            return False
        urgent = [line for line in lines if line.startswith("*")]
        self._say(urgent, at + self._latency_s / 2)
        self._answer([line for line in lines if line not in urgent] + (["OK"] if ending else []), at)
        self._settle(at)
        return True

    def _answer(self, lines: list[str], at: float) -> None:
        self._say(lines, at + self._latency_s)

    def _answer_error(self, at: float, code: int | None) -> None:
        explained = code is not None and self._settings["CMEE"] != "0"
        self._answer([f"+CME ERROR: {code}" if explained else "ERROR"], at)

    def _perform(self, part: str, at: float) -> list[str] | None:
        action = _ACTIONS.get(part)
        if action is not None:
            return action(self)
        if found := _DIAL.fullmatch(part):
            return self._dial(found[1], at)
        if part == "+CHLD=?" and self._operations:
            return [f"+CHLD: ({self._operations})"]
        if part.startswith("+CHLD=") and self._refused(part.removeprefix("+CHLD=")):
            return None
        if part.startswith("+CHLD="):
            return self._calls.supplementary(part.removeprefix("+CHLD="))
        if part.startswith("+VTS="):
            return [] if self.connected else None
        if found := _SETTING.fullmatch(part):
            return self._set(found[1], found[2])
        if _BASIC.fullmatch(part):
            echoes = [value for letter, value in _BASIC_PART.findall(part) if letter == "E"]
            self._echo = echoes[-1] != "0" if echoes else self._echo
            return []
        return None

    def _refused(self, operation: str) -> bool:
        named = self._operations.split(",")
        return bool(self._operations) and operation[:1] + "x" * (len(operation) > 1) not in named

    def _set(self, name: str, value: str) -> list[str] | None:
        if name == "CMUT" and value in {"0", "1"}:
            self.muted = value == "1"
        elif name in _SETTINGS:
            self._settings[name] = value
        else:
            return None
        return []

    def _dial(self, number: str, at: float) -> list[str] | None:
        held = self._calls.hold_all() if not self._calls.in_stat(*OUTGOING, *OFFERED) else []
        call = self._calls.place(number, incoming=False)
        if call is None:
            return None
        call.alert_at = at + self._alert_after_s
        if self._answer_after_s is not None:
            call.answer_at = at + max(self._answer_after_s, self._alert_after_s)
        return [*held, self._calls.tell(call)]

    def _list(self) -> list[str]:
        return [call.row for call in sorted(self._calls.all, key=lambda call: call.index)]

    def _mute_state(self) -> list[str]:
        return [f"+CMUT: {int(self.muted)}"]

    def _answer_call(self) -> list[str] | None:
        return self._calls.answer()

    def _hang_up(self) -> list[str] | None:
        return self._calls.hang_up()


_ACTIONS: dict[str, Callable[[SimulatedPhone], list[str] | None]] = {
    "A": SimulatedPhone._answer_call,
    "H": SimulatedPhone._hang_up,
    "H0": SimulatedPhone._hang_up,
    "+CHUP": SimulatedPhone._hang_up,
    "+CLCC": SimulatedPhone._list,
    "+CMUT?": SimulatedPhone._mute_state,
}
_CALLING = re.compile(r"D|\+CHLD=[0-9]|\+VTS=")
"""Refused for the state of the calls; anything else is not understood, even CHLD=? (as phonesim has it)."""
