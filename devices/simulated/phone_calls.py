"""The calls inside a simulated 27.007 phone: what the network and the host make of them.

May not know bytes or time; every change comes back as a vendor line (`*ECAV:`), as phonesim sends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Stat(IntEnum):
    """+CLCC stat (3GPP TS 27.007 7.18)."""

    ACTIVE = 0
    HELD = 1
    DIALING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5


_ECAV = {Stat.ACTIVE: 3, Stat.HELD: 4, Stat.DIALING: 1, Stat.ALERTING: 6, Stat.INCOMING: 5, Stat.WAITING: 5}
_ECAV_RELEASED = 0
OFFERED = frozenset({Stat.INCOMING, Stat.WAITING})
OUTGOING = frozenset({Stat.DIALING, Stat.ALERTING})


@dataclass(slots=True)
class PhoneCall:
    """One call of the phone; `number` is as the far party gave it."""

    index: int
    incoming: bool
    stat: Stat
    number: str
    name: str = ""
    in_conference: bool = False
    alert_at: float | None = None
    answer_at: float | None = None
    """When the called party picks up by itself, and not before it is alerted."""

    @property
    def address(self) -> str:
        """Number and type of address; the digits come without + as phonesim sends them."""
        if not self.number:
            return '"",128'
        international = self.number.startswith("+")
        return f'"{self.number.removeprefix("+")}",{145 if international else 129}'

    @property
    def row(self) -> str:
        """The row of this call in the list."""
        incoming, joined = int(self.incoming), int(self.in_conference)
        return f"+CLCC: {self.index},{incoming},{int(self.stat)},0,{joined},{self.address}"


class PhoneCalls:
    """At most `capacity` calls; methods return the lines that tell the host, or None for "not now"."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self.all: list[PhoneCall] = []

    def in_stat(self, *stats: Stat) -> list[PhoneCall]:
        """Calls in one of `stats`, oldest first."""
        return [call for call in self.all if call.stat in stats]

    def place(self, number: str, *, incoming: bool, name: str = "") -> PhoneCall | None:
        """A new call at the lowest free index; a dialled one puts the active one on hold."""
        if len(self.all) >= self._capacity or (not incoming and self.in_stat(*OUTGOING, *OFFERED)):
            return None
        used = {call.index for call in self.all}
        index = next(number for number in range(1, self._capacity + 1) if number not in used)
        stat = (Stat.WAITING if self.all else Stat.INCOMING) if incoming else Stat.DIALING
        call = PhoneCall(index, incoming, stat, number, name)
        self.all.append(call)
        return call

    def become(self, call: PhoneCall, stat: Stat) -> str:
        """Bring a call to `stat`."""
        call.stat = stat
        call.alert_at = None
        if stat is not Stat.ALERTING:
            call.answer_at = None
        return self.tell(call)

    def tell(self, call: PhoneCall, state: int | None = None) -> str:
        """The vendor's line about a call."""
        return f"*ECAV: {call.index},{_ECAV[call.stat] if state is None else state},0,,,{call.address}"

    def release(self, call: PhoneCall) -> list[str]:
        """Take a call away; a waiting one becomes incoming when nothing else is left."""
        self.all.remove(call)
        if len(self.all) == 1 and self.all[0].stat is Stat.WAITING:
            self.all[0].stat = Stat.INCOMING
        return [self.tell(call, _ECAV_RELEASED)]

    def answer(self) -> list[str] | None:
        """ATA: takes the incoming call; a waiting one needs +CHLD."""
        calls = self.in_stat(Stat.INCOMING)
        return [self.become(calls[0], Stat.ACTIVE)] if calls else None

    def hang_up(self) -> list[str] | None:
        """AT+CHUP: the current call, or the one that rings; a held one stays."""
        calls = self.in_stat(Stat.ACTIVE, *OUTGOING) or self.in_stat(Stat.INCOMING)
        return [line for call in calls for line in self.release(call)] if calls else None

    def hold_all(self) -> list[str]:
        """Every active call goes on hold."""
        return [self.become(call, Stat.HELD) for call in self.in_stat(Stat.ACTIVE)]

    def supplementary(self, operation: str) -> list[str] | None:
        """AT+CHLD=operation (TS 22.030 6.5.5)."""
        if operation[:1] == "1" and len(operation) > 1:
            return self._release_one(operation[1:])
        actions = {
            "0": self._release_idle,
            "1": self._release_active,
            "2": self._swap,
            "3": self._join,
            "4": self._transfer,
        }
        action = actions.get(operation)
        return action() if action is not None else None

    def _release_one(self, index: str) -> list[str] | None:
        calls = [call for call in self.all if str(call.index) == index]
        return self.release(calls[0]) if calls else None

    def _release_idle(self) -> list[str] | None:
        calls = self.in_stat(Stat.WAITING) or self.in_stat(Stat.HELD)
        return [line for call in calls for line in self.release(call)] if calls else None

    def _release_active(self) -> list[str] | None:
        lines = [line for call in self.in_stat(Stat.ACTIVE) for line in self.release(call)]
        return lines + self._take_next() if lines else None

    def _swap(self) -> list[str] | None:
        active, held = self.in_stat(Stat.ACTIVE), self.in_stat(Stat.HELD)
        waiting = self.in_stat(Stat.WAITING)
        if not self.all or (active and held and waiting):
            return None
        lines = self.hold_all()
        taken = waiting or held
        return lines + [self.become(call, Stat.ACTIVE) for call in taken]

    def _take_next(self) -> list[str]:
        taken = self.in_stat(*OFFERED) or self.in_stat(Stat.HELD)
        return [self.become(call, Stat.ACTIVE) for call in taken]

    def _join(self) -> list[str] | None:
        held = self.in_stat(Stat.HELD)
        if not held or not self.in_stat(Stat.ACTIVE):
            return None
        lines = [self.become(call, Stat.ACTIVE) for call in held]
        for call in self.in_stat(Stat.ACTIVE):
            call.in_conference = True
        return lines

    def _transfer(self) -> list[str] | None:
        """The two far parties are left with each other."""
        held, active = self.in_stat(Stat.HELD), self.in_stat(Stat.ACTIVE)
        if not held or not active:
            return None
        return [line for call in [*active, *held] for line in self.release(call)]
