"""Last words to a device whose daemon is dead: whole reports, to exactly the device they are for.

May not interpret a report, and never writes to another device that has the node's name by now: what leaves
one headset muted could un-mute the other. Blocks as long as the kernel waits for the device.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from firmware_bridge.hidraw import raw_info, send_feature
from firmware_bridge.inventory import SYSTEM, read_node
from firmware_bridge.transport import from_os_error, gone
from state.engine import Write
from state.errors import Blame, ProtocolError, ProtocolReason

Ids = tuple[int, int]
"""Vendor and product."""


def identity_of(node: Path, system: Path = SYSTEM) -> str:
    """vid:pid:serial:place of the device behind a node, from sysfs; empty where there is none."""
    try:
        found = read_node(system / "class/hidraw" / node.name, node.parent)
    except OSError:
        return ""
    return found.identity if found is not None else ""


def raw_ids(fd: int) -> Ids:
    """What the kernel says of the device behind an open node."""
    return raw_info(fd)[1:]


def write_reports(
    node: Path,
    identity: str,
    reports: Iterable[Write],
    system: Path = SYSTEM,
    ask: Callable[[int], Ids] = raw_ids,
) -> None:
    """Open the node, make sure whose it is, write every report; TransportError, ProtocolError if it fails."""
    try:
        fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise from_os_error(error, str(node)) from error
    try:
        # The kernel keeps a node's number while it is open: whoever has it now is whom we opened.
        vendor, product = ask(fd)
        now = identity_of(node, system)
        if now != identity or not identity.startswith(f"{vendor:04x}:{product:04x}:"):
            raise gone(str(node), f"{identity} has left, {now or 'nobody'} is there now")
        for report in reports:
            _write(fd, node, report)
    except OSError as error:
        raise from_os_error(error, str(node)) from error
    finally:
        os.close(fd)


def _write(fd: int, node: Path, report: Write) -> None:
    taken = (send_feature if report.via == "feature" else os.write)(fd, report.data)
    if taken != len(report.data):
        message = f"{node}: took {taken} of {len(report.data)} bytes of a report"
        raise ProtocolError(Blame.DEVICE, ProtocolReason.WRONG_LENGTH, message)
