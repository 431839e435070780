"""Starts devices quickly: a process that has imported everything, and forks one process for each device.

May not run a device itself. Python and the rooms take a second to start under emulation, a fork takes
milliseconds. The tests' own process cannot be forked: it has threads.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

from tests.kernel.kit.server import Command, Device, serve
from tests.kernel.kit.uhid import UhidHeadset
from tests.kernel.kit.usb_headset import UsbHeadset

KINDS: dict[str, Callable[[Command], Device]] = {"uhid": UhidHeadset, "usb": UsbHeadset}
MESSAGE_BYTES = 1 << 16
"""A description of a device; the longest report descriptor is 4096 bytes, twice that as text."""


def start(kind: str, settings: Command) -> socket.socket:
    """A new device's process: commands go into the socket, events come out, and it ends when that closes."""
    ours, theirs = socket.socketpair()
    with theirs:
        described = json.dumps({"kind": kind, "settings": settings}).encode()
        socket.send_fds(_nursery(), [described], [theirs.fileno()])
    return ours


@functools.cache
def _nursery() -> socket.socket:
    """The one of this process; it ends with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen([sys.executable, "-m", "tests.kernel.kit.nursery"], stdin=theirs.fileno())

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def main() -> None:
    """Fork a device for every message, until nobody is left to ask."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as asked:
        while True:
            described, fds, _flags, _address = socket.recv_fds(asked, MESSAGE_BYTES, 1)
            if not described:
                return
            if os.fork() == 0:
                asked.close()
                os.dup2(fds[0], sys.stdin.fileno())
                os.dup2(fds[0], sys.stdout.fileno())
                os.close(fds[0])
                _be_a_device(json.loads(described))
            os.close(fds[0])


def _be_a_device(described: Command) -> None:
    """Never returns: the child is the device and nothing else."""
    status = 1
    try:
        serve(KINDS[described["kind"]](described["settings"]))
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
