"""A file system with headsets in it: sysfs, /dev, /proc, /etc and udev's files as Linux lays them out.

May not judge: each test says what is plugged in and what is wrong.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support import ROOT

DATA = ROOT / "tests/data/hid"
JABRA = "0b0e-0307_jabra_evolve_link_ms"
BRIO = "046d-0944_logitech_mx_brio"
G535 = "046d-0ac4_logitech_g535"
KITTY = "1532-0560_razer_kraken_kitty_v2"
CX300 = "095d-9201_polycom_cx300"

YOU, DAEMON = 70, 71
"""Processes: the technician's own and the daemon's."""
OWNER, NODE_GID = os.geteuid(), os.getegid()
"""Files are ours: nobody may give them away, so the accounts are named around us."""
AGENT_UID, DAEMON_UID = OWNER + 10, OWNER + 20

PASSWD = f"""root:x:{OWNER}:{NODE_GID + 30}:root:/root:/bin/bash
callseat:x:{DAEMON_UID}:{NODE_GID + 20}::/var/lib/callseat:/usr/sbin/nologin
tech:x:{AGENT_UID}:{NODE_GID + 10}::/home/tech:/bin/bash
broken line
"""
GROUP = f"{{group}}:x:{NODE_GID}:{{members}}\ncallseat:x:{NODE_GID + 20}:\ntech:x:{NODE_GID + 10}:\n"
MIC_MUTE_KEYS = "100000000000000 0 0 0"
"""KEY_MICMUTE (248) is bit 56 of the fourth word of 64 bits from the right."""


class Tree:
    """One machine under a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("sys/class/hidraw", "sys/bus/usb/devices", "dev", "proc", "etc", "run/udev/data"):
            (root / folder).mkdir(parents=True)
        self._write("etc/passwd", PASSWD)
        self._write("etc/group", GROUP.format(group="root", members=""))
        self.process(YOU, "bash", AGENT_UID, [NODE_GID + 10])

    def _write(self, path: str, text: str | bytes) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def members(self, names: str) -> None:
        """The nodes' group is plugdev, and these are in it, by /etc/group."""
        self._write("etc/group", GROUP.format(group="plugdev", members=names))

    def plug(self, model: str, number: int = 0, port: str = "1-1.2", *, node: bool = True) -> Path:
        """A headset of tests/data/hid on USB; its hidraw node's path."""
        told = json.loads((DATA / f"{model}.json").read_text("utf-8"))
        vendor, product = _id(told["vendor_id"]), _id(told["product_id"])
        place = self.interface(vendor, product, port, name=told["name"])
        hid = f"{place}/0003:{vendor:04X}:{product:04X}.{number + 1:04X}"
        said = (
            f"DRIVER=hid-generic\nHID_ID=0003:{vendor:08X}:{product:08X}\nHID_NAME={told['name']}\n"
            f"HID_PHYS=usb-0000:00:14.0-{port}/input3\nHID_UNIQ=\n"
        )
        self._write(f"{hid}/uevent", said)
        self._write(f"{hid}/report_descriptor", bytes.fromhex(told["report_descriptor_hex"]))
        (self.root / hid / "driver").symlink_to("../hid-generic")
        raw = self.root / hid / "hidraw" / f"hidraw{number}"
        raw.mkdir(parents=True)
        (raw / "device").symlink_to("../..")
        (self.root / f"sys/class/hidraw/hidraw{number}").symlink_to(raw)
        device = self.root / "dev" / f"hidraw{number}"
        if node:
            device.write_bytes(b"")
            device.chmod(0o600)
        return device

    def interface(
        self, vendor: int, product: int, port: str = "1-1.2", *, name: str = "", release: int = 0x0100,
        driver: str = "usbhid",
    ) -> str:  # fmt: skip
        """A USB interface of the HID class, without a HID device; its folder."""
        device = f"sys/devices/usb1/{port}"
        facts = {"idVendor": f"{vendor:04x}", "idProduct": f"{product:04x}", "bcdDevice": f"{release:04x}"}
        for file, text in (facts | {"product": name}).items():
            self._write(f"{device}/{file}", text + "\n")
        place = f"{device}/{port}:1.3"
        self._write(f"{place}/bInterfaceClass", "03\n")
        if driver:
            (self.root / place / "driver").symlink_to(f"../{driver}")
        (self.root / "sys/bus/usb/devices" / f"{port}:1.3").symlink_to(self.root / place)
        return place

    def twin(self, node: Path, keys: str = MIC_MUTE_KEYS, told: str = "", number: int = 5) -> None:
        """The input device the kernel made of the same HID device."""
        hid = (self.root / "sys/class/hidraw" / node.name / "device").resolve()
        place = hid.relative_to(self.root) / f"input/input{number}"
        self._write(f"{place}/capabilities/key", keys + "\n")
        self._write(f"{place}/event{number}/dev", f"13:{64 + number}\n")
        if told:
            self._write(f"run/udev/data/c13:{64 + number}", f"I:1\nE:KEYBOARD_KEY_b002f={told}\n")

    def process(self, pid: int, name: str, uid: int, groups: list[int], *holds: Path) -> None:
        """A process with nodes open."""
        listed = " ".join(map(str, groups))
        told = f"Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
        self._write(f"proc/{pid}/status", f"{told}Groups:\t{listed}\n")
        self._write(f"proc/{pid}/comm", name + "\n")
        (self.root / f"proc/{pid}/fd").mkdir()
        for number, node in enumerate(holds):
            (self.root / f"proc/{pid}/fd/{number}").symlink_to(node)

    def install(self, path: str, text: str) -> Path:
        """A file of udev."""
        return self._write(path, text)


def _id(value: object) -> int:
    """Ids stand in the files as numbers or as hex text."""
    return value if isinstance(value, int) else int(str(value), 16)
