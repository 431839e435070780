"""Profiles: what differs between AT devices, as data. A new device is a record, not a class.

May not hold behaviour beyond reading the record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from devices.at.values import offered_operations
from state.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a final (asterisk chan_quectel SHORT/MEDIUM/LONG)."""

    query_s: float = 1.0
    ordinary_s: float = 5.0
    call_s: float = 40.0
    """A SIM800 may take 20 s for ATA, ATD and ATH; a limit of 0.5 s was a bug (Adafruit_FONA#107)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of AT device. A command that is empty is one the device cannot do."""

    name: str
    init: tuple[str, ...]
    """Never ATZ: it drops caller id settings, on some modems the call that is up. Errors are tolerated."""
    list_command: str
    sync_command: str
    """Asked after a timeout; a query of the profile, since a bare AT is ERROR or worse on real devices."""
    answer: str = ""
    accept_waiting: str = ""
    reject: str = ""
    reject_waiting: str = ""
    hang_up: str = ""
    hang_up_one: str = ""
    hang_up_held: str = ""
    hold: str = ""
    retrieve: str = ""
    swap: str = ""
    join: str = ""
    complete_transfer: str = ""
    dial: str = ""
    abort_dial: str = ""
    """Written while the dial command is still in flight: V.250 5.6.1, any character aborts it."""
    digits: str = ""
    mute: str = ""
    mute_query: str = ""
    hook_query: str = ""
    """Where there is no list: whether the line is off-hook, asked once when it comes up."""
    shielded: bool = False
    """Events come as DLE and a code, too (V.253)."""
    timeouts: Timeouts = Timeouts()
    poll_s: float = 0.5
    """While anything is dialing, alerting, incoming or waiting (oFono drivers/atmodem/voicecall.c)."""
    first_ring_poll_s: float = 0.2
    """A list that does not show the call yet although it rings is read again after this (same source)."""
    hint_delay_s: float = 0.0
    """From an unsolicited line to reading the list."""
    idle_s: float = 30.0
    """A silent line is asked this often: finds a dead device, and a call whose end went unsaid."""
    ring_timeout_s: float = 8.0
    ring_timeout_factor: float = 1.6
    """Where only RINGs tell: over after max(8 s, 1.6 x cadence). Cadences seen: 2, 4, 5 s; US network 6 s."""

    def without(self, abilities: frozenset[str]) -> Profile:
        """The same device without these."""
        changes: dict[str, Any] = {_FIELD_OF.get(ability, ability): "" for ability in abilities}
        return replace(self, **changes)

    @property
    def capabilities(self) -> frozenset[str]:
        """Names of what the device can do."""
        return frozenset(name for name, template in self._abilities() if template)

    def _abilities(self) -> tuple[tuple[str, str], ...]:
        return (
            ("answer", self.answer),
            ("reject", self.reject),
            ("hang_up", self.hang_up),
            ("dial", self.dial),
            ("hold", self.hold),
            ("retrieve", self.retrieve),
            ("swap", self.swap),
            ("join", self.join),
            ("complete_transfer", self.complete_transfer),
            ("waiting", self.accept_waiting),
            ("digits", self.digits),
            ("mute", self.mute),
            ("call_list", self.list_command),
        )


GSM = Profile(
    name="27007",
    init=(
        "ATE0V1",
        "AT+CMEE=1",
        "AT+CRC=1",
        "AT+CLIP=1",
        "AT+CCWA=1",
        "AT+CHLD=?",
        # No +COLP: with it ATD answers only when the far end does, and nothing can be asked until then.
    ),
    list_command="AT+CLCC",
    sync_command="AT+CLCC",
    answer="ATA",
    accept_waiting="AT+CHLD=2",
    reject="AT+CHUP",
    reject_waiting="AT+CHLD=0",
    hang_up="AT+CHUP",
    hang_up_one="AT+CHLD=1{index}",
    hang_up_held="AT+CHLD=0",
    hold="AT+CHLD=2",
    retrieve="AT+CHLD=2",
    swap="AT+CHLD=2",
    join="AT+CHLD=3",
    complete_transfer="AT+CHLD=4",
    dial="ATD{number};",
    digits="+VTS={digit}",
    mute="AT+CMUT={flag}",
    mute_query="AT+CMUT?",
)

HFP = Profile(
    name="hfp",
    init=(
        "AT+BRSF=102",  # three-way calling, CLI, enhanced call status, enhanced call control (HFP 1.8 4.34)
        "AT+CIND=?",
        "AT+CIND?",
        "AT+CMER=3,0,0,1",
        "AT+CHLD=?",
        "AT+CMEE=1",
        "AT+CLIP=1",
        "AT+CCWA=1",
    ),
    list_command="AT+CLCC",
    sync_command="AT+CIND?",
    answer="ATA",
    accept_waiting="AT+CHLD=2",
    reject="AT+CHUP",
    reject_waiting="AT+CHLD=0",
    hang_up="AT+CHUP",
    hang_up_held="AT+CHLD=0",
    hold="AT+CHLD=2",
    retrieve="AT+CHLD=2",
    swap="AT+CHLD=2",
    join="AT+CHLD=3",
    complete_transfer="AT+CHLD=4",
    dial="ATD{number};",
    digits="+VTS={digit}",
    poll_s=2.0,
    hint_delay_s=0.05,  # both from oFono drivers/hfpmodem/voicecall.c
)

HAYES = Profile(
    name="hayes",
    init=(
        "ATE0V1Q0X4",
        "ATS0=0",  # the agent answers, not the modem
        "ATS7=35",  # the modem gives up dialling before we stop waiting for it
        "AT+FCLASS=8",  # the voice class: ATA takes the line without a carrier; a fax modem says ERROR
        "AT+VCID=1",
    ),
    list_command="",
    sync_command="ATI",
    answer="ATA",
    hang_up="ATH",
    dial="ATDT{number}",
    abort_dial="\r",
    hook_query="AT+VLS?",
    shielded=True,
)

_FIELD_OF = {"waiting": "accept_waiting", "call_list": "list_command"}
NEEDS_LIST = frozenset({"call_list", "hold", "retrieve", "waiting", "swap", "join", "complete_transfer"})
"""What is not offered where no list can show whether it was done."""
_OPERATIONS = {
    "waiting": "2",
    "hold": "2",
    "retrieve": "2",
    "swap": "2",
    "join": "3",
    "complete_transfer": "4",
}


def missing(reply: str) -> frozenset[str]:
    """Capabilities that a `+CHLD:` test reply leaves out; a reply that names nothing takes nothing away."""
    named = offered_operations(reply)
    return frozenset(able for able, operation in _OPERATIONS.items() if named and operation not in named)


PROFILES = {profile.name: profile for profile in (GSM, HFP, HAYES)}


def profile_named(name: str) -> Profile:
    """The profile of that name."""
    if name not in PROFILES:
        raise ConfigError(f"no AT profile {name!r}; there are {', '.join(sorted(PROFILES))}")
    return PROFILES[name]
