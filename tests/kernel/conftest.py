"""These tests need the guest's kernel: elsewhere they are not even collected (docs/lab.md).

May not import a room outside the guest: the suite on the host collects this file.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kernel.box import Box, SeatSocket
    from tests.kernel.kit.headsets import VirtualHeadset, VirtualUsbHeadset

IN_THE_LAB = bool(os.environ.get("CALLSEAT_LAB"))
collect_ignore_glob = [] if IN_THE_LAB else ["test_*.py", "*/test_*.py"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """A file that is named is collected all the same, and would install a seat on this machine."""
    if not IN_THE_LAB:
        pytest.skip("needs the guest's kernel: script/lab -- FILE")


@pytest.fixture(autouse=True)
def _alone(request: pytest.FixtureRequest) -> None:
    """No daemon that an earlier test left running writes to the headsets of a test that asked for none."""
    if "box" not in request.fixturenames and Path("/run/callseat").exists():
        subprocess.run(["systemctl", "stop", "callseat"], check=True)


@pytest.fixture(name="headset")
def _headset() -> Iterator[VirtualHeadset]:
    """A Jabra Evolve Link on uhid, not plugged in yet."""
    from tests.kernel.kit.headsets import VirtualHeadset

    with VirtualHeadset() as headset:
        yield headset


@pytest.fixture(name="usb_headset")
def _usb_headset() -> Iterator[VirtualUsbHeadset]:
    """A composite USB headset, not plugged in yet."""
    from tests.kernel.kit.headsets import VirtualUsbHeadset

    with VirtualUsbHeadset() as headset:
        yield headset


@pytest.fixture(name="box", scope="session")
def _box() -> Box:
    """callseat as systemd runs it, installed once."""
    from tests.kernel.box import Box

    box = Box()
    box.install()
    return box


@pytest.fixture(name="seat")
def _seat(box: Box) -> Iterator[SeatSocket]:
    """The running seat, left running, and a client that is told of everything; no call is left behind."""
    box.start()
    with box.subscribe() as client:
        yield client
        client.end_calls()


@pytest.fixture(name="box_client")
def _box_client(box: Box, seat: SeatSocket) -> Iterator[SeatSocket]:
    """A second app at the running seat."""
    with box.connect() as client:
        yield client
