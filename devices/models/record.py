"""What a model does that its report descriptor does not say: one frozen record per model.

May not hold behaviour: a record is data, with the evidence for every deviation from the defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum

from state.words import Button


class HoldStyle(StrEnum):
    """How a held call is shown."""

    LAMP = "lamp"
    """Hold lamp on, Off-Hook kept: clearing it makes a Jabra end the call (GOnnect pull request 52)."""
    OFF_HOOK_CLEAR = "off_hook_clear"
    """Hold lamp on, Off-Hook cleared (Yealink WH family; softphone-vendor-headsets yealink.ts)."""


class Extension(StrEnum):
    """Code a model needs beyond its descriptor: one small module each."""

    NONE = ""
    CX300 = "cx300"


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One model. `evidence` has one line per field that differs from its default: field name -> source.

    A line for `name` says where ids and name are known from; a record that deviates in nothing has that one.
    """

    name: str
    vendor_id: int
    product_id: int
    evidence: dict[str, str] = field(default_factory=dict)
    call_control: bool | None = None
    """None: judged by the descriptor."""
    hook_echo_s: float = 1.5
    """A host-set Off-Hook comes back as Hook Switch within this (tSIP ignores about 1.5 s, GOnnect 0.5 s)."""
    mute_echo_s: float = 0.7
    """A Phone Mute this soon after our mute lamp write is the headset's own answer to it."""
    mute_lock_s: float = 0.7
    """A Phone Mute this soon after our un-mute is a refusal (GOnnect, 700 ms)."""
    echoes_unmute: bool = False
    """The headset answers an un-mute with Phone Mute too, so one such answer is no refusal."""
    unacked_drop_s: float = 2.0
    """How long after an unanswered press the headset takes its hook back (WICG/webhid issue 61: 2 s)."""
    long_press_s: float = 1.5
    duplicate_s: float = 0.03
    """An edge repeated within this is the same press; no finger is as fast as the default (ours)."""
    hold: HoldStyle = HoldStyle.LAMP
    reject_reports: int = 0
    """So many reports without hook in a row while ringing mean reject; 0: they mean nothing."""
    reject_button: Button | None = None
    """This key rejects while a call rings."""
    array_base: int | None = None
    """The array value of the first usage; None: judged by the descriptor."""
    usages: dict[int, Button | None] = field(default_factory=dict)
    """Keys that are not what their usage says; None: not a key at all."""
    extension: Extension = Extension.NONE


DEFAULT = ModelRecord(name="HID headset", vendor_id=0, product_id=0)
"""What is assumed of a model nobody has recorded."""

IDENTITY = ("name", "vendor_id", "product_id", "evidence")
"""Fields that say which model it is, or why; all others are manners with a default."""

BOUNDS: dict[str, tuple[float, float]] = {
    "vendor_id": (0x0001, 0xFFFF),
    "product_id": (0x0001, 0xFFFF),
    "hook_echo_s": (0.05, 5.0),
    "mute_echo_s": (0.05, 5.0),
    "mute_lock_s": (0.05, 5.0),
    "unacked_drop_s": (0.02, 10.0),
    "long_press_s": (0.3, 5.0),
    "duplicate_s": (0.0, 0.25),
    "reject_reports": (0, 5),
    "array_base": (0, 255),
}
"""What a record may say of its numbers.

Known devices: echoes 0.5 to 1.5 s, drops 0.05 to 2 s, long presses 1.5 s. A second press comes 0.25 s later
at the earliest, so nothing longer is a duplicate; an array value has 8 bits at most.
"""

EVIDENCE_CHARACTERS = 20
"""The shortest line that can say who found something and where it is written."""


def deviations(record: ModelRecord) -> tuple[str, ...]:
    """The manners in which a record differs from the defaults, in the order of its fields."""
    return tuple(
        each.name
        for each in fields(ModelRecord)
        if each.name not in IDENTITY and getattr(record, each.name) != getattr(DEFAULT, each.name)
    )
