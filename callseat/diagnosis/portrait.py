"""One device as a technician wants to know it: keys, lamps, its model record, what it can do for a call.

May not ask the running seat or the system: a function of descriptor and record.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from callseat.diagnosis.ability import ANYBODY
from devices.hid.decode import decode
from devices.hid.engine import HeadsetEngine
from devices.models.record import DEFAULT, HoldStyle, ModelRecord, deviations
from state.errors import ProtocolError
from state.words import Button

HOLD_WORDS = {
    HoldStyle.LAMP: "hold lamp, off-hook kept",
    HoldStyle.OFF_HOOK_CLEAR: "hold lamp, off-hook cleared",
}


HELD_FLASH = ("000B:0021", "level")
"""Usage and kind of a flash key that tells how long it is held: a long press refuses a call."""


def portrait(descriptor: bytes, model: ModelRecord | None) -> dict[str, Any]:
    """Everything descriptor and record say; a descriptor that cannot be read leaves the rest empty."""
    record = None if model is None else _record(model)
    try:
        told = decode(descriptor, model)
    except ProtocolError as error:
        why = f"its report descriptor cannot be read: {error}"
        empty: dict[str, Any] = {"controls": [], "lamps": [], "abilities": {}}
        return {"call_control": False, "score": 0, "why": why, **empty, "record": record}
    return {
        "call_control": told.call_control,
        "score": told.score,
        "why": told.why,
        "controls": [asdict(each) for each in told.controls],
        "lamps": [asdict(each) for each in told.lamps],
        "abilities": _abilities(
            HeadsetEngine(ANYBODY, descriptor, model).features,
            model or DEFAULT,
            held_flash=any((each.usage, each.kind) == HELD_FLASH for each in told.controls),
        ),
        "record": record,
    }


def usage_text(usage: int) -> str:
    """A usage as the tables write it: page and id."""
    return f"{usage >> 16:04X}:{usage & 0xFFFF:04X}"


def _abilities(features: frozenset[str], record: ModelRecord, *, held_flash: bool) -> dict[str, str]:
    """What the device can do for a call, each in words."""

    def has(feature: str, words: str = "yes", without: str = "none") -> str:
        return words if feature in features else without

    return {
        "answer and end": has("hook", "hook switch"),
        "reject": _reject(features, record, held_flash=held_flash),
        "mute": _mute(features),
        "hold": has("lamp_hold", HOLD_WORDS[record.hold], "no hold lamp"),
        "second call": has(str(Button.FLASH), "flash key", "no flash key"),
        "keypad": has("keypad"),
        "ringer": has("ringer", "in the device"),
        "display": has("display"),
        "message lamp": has("lamp_message_waiting"),
        "battery": has("battery", "told", "not told"),
    }


def _mute(features: frozenset[str]) -> str:
    """Whether a mute key says how things are, or only that it was pressed."""
    if "mute_level" in features:
        return "level: the headset says whether it is muted"
    return "key: each press asks for the opposite of the lamp" if "mute" in features else "none"


def _reject(features: frozenset[str], record: ModelRecord, *, held_flash: bool) -> str:
    """By which press a ringing call is refused; where there is none, what stands in for it."""
    if record.reject_button is not None and str(record.reject_button) in features:
        return f"the {record.reject_button} key while it rings"
    if record.reject_reports:
        return f"{record.reject_reports} reports without hook while it rings"
    if "reject" in features:
        return "a key of its own"
    instead = 'a spare key set to "reject" in [keys] of the configuration'
    return f"none: hold the flash key while it rings, or {instead}" if held_flash else f"none: {instead}"


def _record(model: ModelRecord) -> dict[str, Any]:
    """The model's own manners, each with its evidence."""
    differs = {name: _plain(getattr(model, name)) for name in deviations(model)}
    return {"name": model.name, "differs": differs, "evidence": dict(model.evidence)}


def _plain(value: object) -> object:
    """A value of a record as JSON can carry it."""
    if isinstance(value, dict):
        return {usage_text(key): None if each is None else str(each) for key, each in value.items()}
    return value if isinstance(value, bool | int | float) else str(value)
