"""Which boot this is: monotonic times of two boots cannot be compared.

May not read anything but the kernel's boot id.
"""

from __future__ import annotations

from pathlib import Path

KERNEL_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
UNKNOWN_BOOT = "unknown"


def boot_id(path: Path = KERNEL_BOOT_ID) -> str:
    """The kernel's random id of this boot, or `unknown` where the kernel gives none."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return UNKNOWN_BOOT
    return text or UNKNOWN_BOOT
