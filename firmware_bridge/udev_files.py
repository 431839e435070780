"""What udev was told and what it did: rules and hwdb files, the compiled hwdb, and a node's keyboard twin.

May not change a file or run udevadm. Every function takes the root of the file system: a test brings its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")

FOLDERS = ("etc/udev", "run/udev", "usr/local/lib/udev", "usr/lib/udev", "lib/udev")
"""Where rules.d and hwdb.d are, the first one wins (udev(7), hwdb(7))."""
COMPILED = ("etc/systemd/hwdb/hwdb.bin", "etc/udev/hwdb.bin", "usr/lib/systemd/hwdb/hwdb.bin",
            "usr/lib/udev/hwdb.bin", "lib/udev/hwdb.bin")  # fmt: skip
"""Where the compiled hwdb is looked for, the first one wins (systemd-hwdb(8))."""

KEY_MICMUTE = 248
"""linux/input-event-codes.h."""
MUTE_KEY_PROPERTY = "KEYBOARD_KEY_b002f"
"""Set by hwdb for HID usage 000b:002f, Phone Mute."""
LONG_BITS = struct.calcsize("l") * 8
"""Words of a key bitmap in sysfs are the kernel's unsigned long."""


@dataclass(frozen=True, slots=True)
class KeyTwin:
    """The kernel's input device of the same HID device: does it type KEY_MICMUTE, was it told not to."""

    event: str
    types_mic_mute: bool
    told: str


def find_file(kind: str, name: str, root: Path = ROOT) -> Path | None:
    """The rules.d or hwdb.d file of this name that udev uses; None where it is not installed."""
    return next((path for folder in FOLDERS if (path := root / folder / kind / name).is_file()), None)


def is_compiled(source: Path, root: Path = ROOT) -> bool:
    """Whether the compiled hwdb is younger than the installation of `source`.

    A package keeps the file's own date, so the time the inode was made or changed is the one that counts.
    """
    compiled = next((path for name in COMPILED if (path := root / name).is_file()), None)
    return compiled is not None and compiled.stat().st_mtime_ns >= source.stat().st_ctime_ns


def key_twins(hidraw: str, root: Path = ROOT) -> tuple[KeyTwin, ...]:
    """The input devices of the HID device behind a hidraw node, by the node's name."""
    return tuple(_twins(root / "sys/class/hidraw" / hidraw / "device", root))


def _twins(device: Path, root: Path) -> Iterator[KeyTwin]:
    for event in sorted(device.glob("input/input*/event*")):
        try:
            keys = (event.parent / "capabilities/key").read_text(encoding="ascii", errors="replace")
            number = (event / "dev").read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            continue
        told = device_properties(f"c{number}", root).get(MUTE_KEY_PROPERTY, "")
        yield KeyTwin(event.name, has_key(keys, KEY_MICMUTE), told)


def has_key(bitmap: str, key: int, long_bits: int = LONG_BITS) -> bool:
    """Whether a key is in a `capabilities/key` bitmap: hex words, the highest first."""
    words = bitmap.split()
    word, bit = divmod(key, long_bits)
    if word >= len(words):
        return False
    try:
        return bool(int(words[-1 - word], 16) >> bit & 1)
    except ValueError:
        return False


def device_properties(number: str, root: Path = ROOT) -> dict[str, str]:
    """What udev's rules and hwdb said of a device, by its number ("c13:64"); empty where it says nothing."""
    try:
        lines = (root / "run/udev/data" / number).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line[2:].partition("=") for line in lines if line.startswith("E:"))
    return {name: value for name, _, value in pairs}
