"""What README.md shows of a headset nobody has seen is what the installed box prints."""

from __future__ import annotations

import re
import subprocess

from devices.simulated.headset_models import HeadsetKit
from tests.devices.hid.descriptors import ANKER, load
from tests.docs.pages import blocks, page
from tests.kernel.box import PLUGGED_S, SeatSocket, pause
from tests.kernel.kit.headsets import VirtualUsbHeadset

PRESSES = {"press the call key": "hook", "press the mute key": "mute"}
TIMES = re.compile(r"\d+\.\d ms")


def shown() -> list[tuple[str, list[str]]]:
    """The commands of the page's session, and what each is said to print."""
    (session,) = [block for block in blocks(page("README.md"), "text") if block.startswith("$ ")]
    parts = [part.splitlines() for part in session.split("$ ")[1:]]
    return [(command, lines) for command, *lines in parts]


def printed(command: str, headset: VirtualUsbHeadset) -> list[str]:
    """What a command prints while somebody presses what it asks for."""
    running = subprocess.Popen(
        command.split(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    )
    lines = []
    assert running.stdout is not None
    with running:
        for line in running.stdout:
            lines.append(line.rstrip())
            key = next((key for ask, key in PRESSES.items() if line.startswith(ask)), "")
            if key:
                pause()
                headset.press_hook() if key == "hook" else headset.press_mute()
    assert running.returncode == 0, lines
    return lines


def test_the_session_of_the_readme(seat: SeatSocket) -> None:
    device = load(ANKER)
    kit = HeadsetKit("Anker PowerConf", device.vendor_id, device.product_id, device.descriptor)
    session = shown()
    assert [command.split()[1:3] for command, _ in session] == [
        ["devices", "list"], ["doctor", "devices"], ["devices", "identify"], ["devices", "check"]
    ]  # fmt: skip
    with VirtualUsbHeadset(kit, "LAB0001", parts=("hid",)) as headset:
        headset.plug()
        seat.await_told("device.added")
        pause(PLUGGED_S)
        for command, lines in session:
            told = [TIMES.sub("some ms", line) for line in printed(command, headset)]
            assert told == [TIMES.sub("some ms", line) for line in lines], command
