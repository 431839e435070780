"""The headsets of these tests: every call-control descriptor there is, real ones and those built from notes.

May not judge a device. A scenario names what it needs, and runs on every headset that has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from devices.hid.bits import set_bits
from devices.hid.controls import read_controls
from devices.hid.descriptor import parse_descriptor
from devices.hid.engine import HeadsetEngine
from devices.hid.indicators import Indicator
from devices.hid.usages import Lamp
from devices.simulated.headset_models import HEADSETS
from state.ids import DeviceId
from tests.devices.hid import built
from tests.devices.hid.descriptors import CALL_CONTROL, LEVEL_HEADSET, Device, load

BUILT = {
    "link_380c": Device("Jabra Link 380c", 0x0B0E, 0x24C9, "notes", built.LINK_380C),
    "wh66": Device("Yealink WH66", 0x6993, 0xB02B, "notes", built.WH66),
    "sp325": Device("Dell SP325", 0x413C, 0x8223, "notes", built.SP325),
    "c5220": Device("Plantronics Blackwire C5220", 0x047F, 0xC053, "notes", built.C5220),
    "voyager_base": Device("Poly Voyager Base CD", 0x047F, 0x02EC, "notes", built.VOYAGER_BASE),
    "impact_d": Device("EPOS IMPACT D", 0x1395, 0x00A9, "notes", built.IMPACT_D),
    "impact_dw": Device("EPOS IMPACT DW", 0x1395, 0x00A2, "notes", built.IMPACT_DW),
    "speakermic": Device("Google Meet speakermic", 0x18D1, 0x8007, "systemd 23372", LEVEL_HEADSET),
}
KITS: dict[str, Device] = {name: load(name) for name in CALL_CONTROL} | BUILT
"""By a name that is good in a test's id. The shipped simulated headsets are among them (test_kits)."""


@cache
def features(name: str) -> frozenset[str]:
    """What the engine says a kit can do."""
    kit = KITS[name]
    return HeadsetEngine(DeviceId(name), kit.descriptor, kit.model).features


def with_features(*wanted: str, but: Iterable[str] = ()) -> tuple[str, ...]:
    """The kits that have all of these, and none of those."""
    return tuple(
        name for name in KITS if features(name).issuperset(wanted) and features(name).isdisjoint(but)
    )


def shipped() -> frozenset[bytes]:
    """Descriptors of the headsets the daemon can simulate."""
    return frozenset(kit.descriptor for kit in HEADSETS.values())


def names_its_mute_lamp(name: str) -> bool:
    """Whether the descriptor names the Mute lamp; the CX300 has it on a page of its own."""
    return Lamp.MUTE in _lamps(name)


def shares_a_report(name: str) -> bool:
    """Whether Off-Hook and Mute are in one report, so that a write of one says something of the other."""
    lamps = _lamps(name)
    off_hook, mute = lamps.get(Lamp.OFF_HOOK), lamps.get(Lamp.MUTE)
    return off_hook is not None and mute is not None and off_hook.report_id == mute.report_id


def mute_from_zero(name: str) -> bytes:
    """The mute lamp as a program writes it that knows of no other lamp."""
    mute = _lamps(name)[Lamp.MUTE]
    layout = parse_descriptor(KITS[name].descriptor).report(mute.kind, mute.report_id)
    assert layout is not None
    payload = bytearray(layout.payload_bytes)
    set_bits(payload, mute.bit, mute.size, mute.lit)
    return bytes((mute.report_id, *payload))


def _lamps(name: str) -> dict[Lamp, Indicator]:
    kit = KITS[name]
    return read_controls(parse_descriptor(kit.descriptor), kit.model).lamps
