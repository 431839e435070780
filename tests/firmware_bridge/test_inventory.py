"""What sysfs says of HID devices: one that goes while it is read, odd texts, devices without a port."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_bridge.inventory import HidNode, list_hid_nodes, plain, read_node


def plug(system, name, uevent, *, where="devices/pci0/usb1/1-1/1-1.2/1-1.2:1.3", raw=b"\x05\x0b"):
    """One hidraw node with its device."""
    device = system / where / f"0003:0B0E:2453.{name}"
    device.mkdir(parents=True)
    (device / "uevent").write_text(uevent, encoding="utf-8")
    (device / "report_descriptor").write_bytes(raw)
    entry = system / "class/hidraw" / name
    entry.mkdir(parents=True)
    (entry / "device").symlink_to(device)


JABRA = (
    "DRIVER=jabra\nHID_ID=0003:00000B0E:00002453\nHID_NAME=GN Jabra\nHID_PHYS=usb-0/input3\nHID_UNIQ=00A1\n"
)


def test_a_usb_headset_is_read_whole(tmp_path):
    plug(tmp_path, "hidraw0", JABRA)
    (node,) = list_hid_nodes(tmp_path, Path("/dev"))
    assert node == HidNode(
        Path("/dev/hidraw0"), 3, 0x0B0E, 0x2453, "GN Jabra", "00A1", "1-1.2", 3, b"\x05\x0b"
    )
    assert node.identity == "0b0e:2453:00A1:1-1.2"


def test_nodes_come_in_the_kernels_order_and_a_number_is_not_a_text(tmp_path):
    for number in (10, 9, 2):
        plug(tmp_path, f"hidraw{number}", JABRA, where=f"devices/usb1/1-{number}")
    assert [node.path.name for node in list_hid_nodes(tmp_path)] == ["hidraw2", "hidraw9", "hidraw10"]
    assert [node.place for node in list_hid_nodes(tmp_path)] == ["1-2", "1-9", "1-10"]


@pytest.mark.parametrize("missing", ["uevent", "report_descriptor", "device"])
def test_a_device_that_goes_while_it_is_read_is_left_out(tmp_path, missing):
    plug(tmp_path, "hidraw0", JABRA)
    plug(tmp_path, "hidraw1", JABRA, where="devices/usb1/1-3")
    entry = tmp_path / "class/hidraw/hidraw0"
    (entry / "device" / missing if missing != "device" else entry / "device").unlink()
    assert [node.path.name for node in list_hid_nodes(tmp_path)] == ["hidraw1"]
    with pytest.raises(OSError, match="No such file"):
        read_node(entry)


@pytest.mark.parametrize("uevent", ["", "DRIVER=x\n", "HID_ID=0003:0B0E\n", "=\n\n=="])
def test_a_device_without_ids_is_none(tmp_path, uevent):
    plug(tmp_path, "hidraw0", uevent)
    assert list_hid_nodes(tmp_path) == ()
    assert read_node(tmp_path / "class/hidraw/hidraw0") is None


def test_without_a_port_the_place_is_what_the_driver_says(tmp_path):
    said = "HID_ID=0005:00001395:00000082\nHID_NAME=x\nHID_PHYS=aa:bb cc/input2\nHID_UNIQ=\n"
    plug(tmp_path, "hidraw0", said, where="devices/virtual/misc/uhid")
    (node,) = list_hid_nodes(tmp_path)
    assert (node.place, node.serial, node.interface, node.bus) == ("aa_bb_cc", "", 2, 5)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("00A1", "00A1"), (" a:b c ", "a_b_c"), ("\x00\x1b[2J", "_2J"), ("中文1", "_1"), ("x" * 99, "x" * 64)],
)
def test_what_a_device_says_is_made_fit_for_a_name(text, shown):
    assert plain(text) == shown


def test_no_hid_at_all_is_nothing(tmp_path):
    assert list_hid_nodes(tmp_path) == ()
