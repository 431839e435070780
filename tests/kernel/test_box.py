"""The installed box: rights by rule, no key for the desktop, a headset nobody configured that works."""

from __future__ import annotations

import grp
import stat
import subprocess
from pathlib import Path

import pytest

from devices.simulated.headset_models import HEADSETS, HeadsetKit
from tests.kernel.box import Box, SeatSocket, sh
from tests.kernel.kit.headsets import VirtualHeadset, VirtualUsbHeadset

MOUSE = bytes.fromhex("05010902a1010901a10005091901290315002501950375018102950175058103c0c0")
KEY_MICMUTE = 248
"""linux/input-event-codes.h."""


def rights(node: Path) -> tuple[str, int]:
    found = node.stat()
    return grp.getgrgid(found.st_gid).gr_name, stat.S_IMODE(found.st_mode)


def keys_of(serial: str) -> set[int]:
    """The keys the input devices of this headset can send, as the kernel lists them."""
    found: set[int] = set()
    for uniq in Path("/sys/class/input").glob("input*/uniq"):
        if uniq.read_text().strip() == serial:
            words = (uniq.parent / "capabilities/key").read_text().split()
            bits = int("".join(word.rjust(16, "0") for word in words), 16)
            found |= {bit for bit in range(bits.bit_length()) if bits >> bit & 1}
    return found


@pytest.mark.parametrize("kit", HEADSETS.values(), ids=HEADSETS)
def test_the_rule_gives_every_headset_to_the_group(box: Box, kit: HeadsetKit) -> None:
    with VirtualHeadset(kit) as headset:
        headset.plug()
        assert rights(headset.await_hidraw()) == ("plugdev", 0o660)


def test_the_rule_finds_a_usb_headset_among_its_interfaces(box: Box, usb_headset: VirtualUsbHeadset) -> None:
    usb_headset.plug()
    assert rights(usb_headset.await_hidraw()) == ("plugdev", 0o660)


def test_the_rule_leaves_other_devices_alone(box: Box) -> None:
    with VirtualHeadset(HeadsetKit("Mouse", 0x0B0E, 0x0001, MOUSE)) as device:
        device.plug()
        assert rights(device.await_hidraw()) == ("root", 0o600)


def test_the_mute_key_is_no_key_of_the_desktop(box: Box) -> None:
    kit = HEADSETS["jabra_evolve_link"]
    with VirtualHeadset(kit, "LAB0248") as headset:
        headset.plug()
        headset.await_hidraw()
        sh("udevadm settle")
        assert KEY_MICMUTE not in keys_of("LAB0248")


def test_a_headset_nobody_configured_is_adopted(seat: SeatSocket) -> None:
    with VirtualUsbHeadset(HEADSETS["sennheiser_sc660"], "LAB0660") as headset:
        headset.plug()
        added = seat.await_told("device.added")
        vendor, product, serial, place = added.params["device"].split(":")
        assert (vendor, product, serial) == ("1395", "0082", "LAB0660")
        assert place
        (device,) = seat.snapshot()["devices"].values()
        assert {"hook", "mute", "lamp_off_hook"} <= set(device["features"])
        headset.unplug()
        seat.await_told("device.removed", device=added.params["device"])


def test_a_doctor_finds_nothing_wrong_with_what_is_installed(
    seat: SeatSocket, headset: VirtualHeadset
) -> None:
    headset.plug()
    seat.await_told("device.added")
    done = subprocess.run(["callseat", "doctor", "devices"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_doctor_names_the_node_whose_rule_is_missing(seat: SeatSocket) -> None:
    rules = Path("/etc/udev/rules.d/70-callseat.rules")
    kept = rules.read_bytes()
    rules.unlink()
    sh("udevadm control --reload")
    try:
        with VirtualHeadset() as headset:
            headset.plug()
            node = headset.await_hidraw()
            done = subprocess.run(
                ["callseat", "doctor", "devices"], capture_output=True, text=True, check=False
            )
            assert done.returncode == 1
            assert str(node) in done.stdout
            assert "70-callseat.rules" in done.stdout
    finally:
        rules.write_bytes(kept)
        sh("udevadm control --reload")
