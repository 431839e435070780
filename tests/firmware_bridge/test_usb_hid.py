"""HID interfaces on USB: what the kernel made of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_bridge.usb_hid import HidInterface, list_hid_interfaces
from tests.callseat.diagnosis.tree import JABRA, Tree


def test_a_headset_with_a_node(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.plug(JABRA)
    (found,) = list_hid_interfaces(tmp_path / "sys")
    assert found.name == "1-1.2:1.3"
    assert (found.vendor_id, found.product_id, found.release) == (0x0B0E, 0x0307, 0x0100)
    assert (found.driver, found.hid_driver, found.nodes) == ("usbhid", "hid-generic", ("hidraw0",))


def test_an_interface_nobody_took(tmp_path: Path) -> None:
    Tree(tmp_path).interface(0x0B0E, 0x0412, release=0x0110, driver="", name="Speak 410")
    (found,) = list_hid_interfaces(tmp_path / "sys")
    assert (found.driver, found.hid_driver, found.nodes) == ("", "", ())
    assert found.product == "Speak 410"


def test_other_classes_and_what_goes_meanwhile_are_left_out(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    place = tmp_path / tree.interface(0x0B0E, 0x0307)
    (place / "bInterfaceClass").write_text("01\n", encoding="ascii")
    assert list_hid_interfaces(tmp_path / "sys") == ()
    (place / "bInterfaceClass").write_text("03\n", encoding="ascii")
    for text in ("", "not hex\n"):
        (place.parent / "idVendor").write_text(text, encoding="ascii")
        assert list_hid_interfaces(tmp_path / "sys") == ()
    (place.parent / "idVendor").unlink()
    assert list_hid_interfaces(tmp_path / "sys") == ()
    (tmp_path / "sys/bus/usb/devices/9-9:1.0").symlink_to(tmp_path / "nowhere")
    assert list_hid_interfaces(tmp_path / "sys") == ()


@pytest.mark.parametrize(
    ("product", "release", "limit"),
    [(0x0412, 0x0110, 0x0111), (0x0412, 0x0111, None), (0x0420, 0x0213, 0x0214), (0x0307, 0x0001, None)],
)
def test_which_releases_the_kernel_ignores(product: int, release: int, limit: int | None) -> None:
    assert HidInterface("1-1:1.0", 0x0B0E, product, release, "", "", "", ()).ignored_below == limit
