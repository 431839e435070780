"""What a report descriptor is good for, in the words of a diagnosis.

May not raise: a descriptor that cannot be read is a fact like any other.
"""

from __future__ import annotations

from callseat.diagnosis.facts import Ability
from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.score import capability
from devices.hid.usages import TELEPHONY
from devices.models.record import ModelRecord
from state.errors import ProtocolError
from state.ids import DeviceId

ANYBODY = DeviceId("judged")
SOUND_ONLY = frozenset({"volume"})
"""What any loudspeaker can say."""


def read_ability(descriptor: bytes, model: ModelRecord | None) -> Ability:
    """Judge one device by its descriptor and the record of its model."""
    try:
        parsed = parse_descriptor(descriptor)
        features = HeadsetEngine(ANYBODY, parsed, model).features
    except ProtocolError as error:
        return Ability(False, 0, "its report descriptor cannot be read", broken=str(error))
    controls = read_controls(parsed, model)
    judged = capability(controls, features)
    claims = any(usage >> 16 == TELEPHONY for usage in parsed.applications)
    hollow = claims and controls.features <= SOUND_ONLY and not controls.lamps
    return Ability(judged.call_control, judged.score, judged.why, hollow)
