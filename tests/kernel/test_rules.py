"""Our udev rules and key map under a real udev: who gets rights, whose mute key is no key of the desktop."""

from __future__ import annotations

import fcntl
import grp
import json
import os
import shutil
import stat
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.models import REGISTRY
from devices.models.record import ModelRecord
from devices.simulated.headset_models import HEADSETS, HeadsetKit
from devices.system_files import GROUP, HWDB_NAME, RULES_NAME, rules
from firmware_bridge.udev_files import KEY_MICMUTE, key_twins
from tests.kernel.kit.headsets import VirtualHeadset
from tests.support import ROOT

PHONE_MUTE = 0x000B_002F
EVIOCGKEYCODE_V2 = 0x80284504
"""Read, 40 bytes (struct input_keymap_entry), 'E', 4: linux/input.h."""
KEY_RESERVED = 0

INSTALLED = {RULES_NAME: Path("/etc/udev/rules.d"), HWDB_NAME: Path("/etc/udev/hwdb.d")}


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(name="installed", scope="module", autouse=True)
def _installed() -> Iterator[None]:
    """As docs/headset-models.md says it is done; afterwards as before: a box may have been installed."""
    places = {folder / name: ROOT / "udev" / name for name, folder in INSTALLED.items()}
    before = {place: place.read_bytes() for place in places if place.exists()}
    for place, ours in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ours, place)
    run("systemd-hwdb", "update")
    run("udevadm", "control", "--reload")
    yield
    for place in places:
        place.write_bytes(before[place]) if place in before else place.unlink()
    run("systemd-hwdb", "update")
    run("udevadm", "control", "--reload")


def key_of(event: str, usage: int) -> int | None:
    """The key an input device types for a HID usage; None where it has no such usage.

    The device's key bitmap does not say: the kernel clears the bit at the input device that was asked, not at
    the one of the same headset that has the usage (hidinput_setkeycode, drivers/hid/hid-input.c).
    """
    entry = struct.pack("BBHI32s", 0, 4, 0, 0, struct.pack("<I", usage))
    with Path("/dev/input", event).open("rb") as device:
        try:
            answer = fcntl.ioctl(device, EVIOCGKEYCODE_V2, entry)
        except OSError:
            return None
    return int(struct.unpack("BBHI32s", answer)[3])


def kit_of(stem: str) -> HeadsetKit:
    raw = json.loads((ROOT / "tests/data/hid" / f"{stem}.json").read_text(encoding="utf-8"))
    ids = (int(raw["vendor_id"], 16), int(raw["product_id"], 16))
    return HeadsetKit(raw["name"], *ids, bytes.fromhex(raw["report_descriptor_hex"]))


def plugged(headset: VirtualHeadset) -> Path:
    headset.plug()
    node = headset.await_hidraw()
    run("udevadm", "settle")
    return node


def rights(node: Path) -> tuple[str, str]:
    """Group and mode of a node."""
    found = os.stat(node)
    return grp.getgrgid(found.st_gid).gr_name, stat.filemode(found.st_mode)


@pytest.mark.parametrize("kit", HEADSETS.values(), ids=HEADSETS)
def test_a_headset_belongs_to_the_group_and_to_the_seat(kit: HeadsetKit) -> None:
    with VirtualHeadset(kit) as headset:
        node = plugged(headset)
        assert rights(node) == (GROUP, "crw-rw----")
        properties = run("udevadm", "info", "-q", "property", str(node))
        tags = next(line for line in properties.splitlines() if line.startswith("CURRENT_TAGS="))
        assert ":uaccess:" in tags
        twins = key_twins(node.name)
        assert {twin.told for twin in twins} <= {"reserved"}
        assert {key_of(twin.event, PHONE_MUTE) for twin in twins} <= {None, KEY_RESERVED}


def test_a_headset_nobody_has_heard_of_does_too() -> None:
    known = HEADSETS["jabra_evolve_link"]
    with VirtualHeadset(HeadsetKit("Unheard Of", 0x1234, 0x5678, known.descriptor)) as headset:
        assert rights(plugged(headset)) == (GROUP, "crw-rw----")


def test_a_headset_whose_descriptor_says_nothing_is_known_by_its_record() -> None:
    """Volume keys alone, and a record that knows better."""
    volume = bytes.fromhex("050c0901a1011500250109e909ea750195028102950681 01c0")
    kit = HeadsetKit("Volume Keys", 0x1234, 0x5679, volume)
    record = ModelRecord(kit.name, kit.vendor_id, kit.product_id, call_control=True)
    place = INSTALLED[RULES_NAME] / RULES_NAME
    ours = place.read_text(encoding="utf-8")
    with VirtualHeadset(kit) as headset:
        assert rights(plugged(headset)) == ("root", "crw-------")
        headset.unplug()
        headset.await_gone()
        place.write_text(rules(REGISTRY.overlaid([record])), encoding="utf-8")
        run("udevadm", "control", "--reload")
        try:
            assert rights(plugged(headset)) == (GROUP, "crw-rw----")
        finally:
            place.write_text(ours, encoding="utf-8")
            run("udevadm", "control", "--reload")


@pytest.mark.parametrize("stem", ["046d-0944_logitech_mx_brio", "046d-0ac4_logitech_g535"])
def test_what_is_no_headset_stays_with_root(stem: str) -> None:
    with VirtualHeadset(kit_of(stem)) as headset:
        assert rights(plugged(headset)) == ("root", "crw-------")


def test_the_mute_key_of_a_recorded_microphone_stays_with_the_desktop() -> None:
    """A device with the ids of the BOYA receiver and a mute key, as the kernel maps it."""
    known = HEADSETS["jabra_evolve_link"]
    with VirtualHeadset(HeadsetKit("BOYA mini 2", 0x2F05, 0x003B, known.descriptor)) as headset:
        node = plugged(headset)
        assert rights(node) == ("root", "crw-------")
        assert {key_of(twin.event, PHONE_MUTE) for twin in key_twins(node.name)} == {KEY_MICMUTE}
