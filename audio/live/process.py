"""A card's child process: started with its shared memory and a control socket, ended by SIGKILL alone.

May not wait for it. A child that does not die at once (the kernel holds it) is left behind and reaped later.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from audio.live.layout import LANE_BYTES, RING_BYTES
from audio.live.view import LaneView

ROOT = Path(__file__).resolve().parent.parent.parent
"""Where the package `audio` is imported from; the child needs nothing else of ours."""
SYSTEM_PYTHON = "/usr/bin/python3"
SYSTEM_PACKAGE = Path("/usr/lib/python3/dist-packages/pyaudio")
"""Debian's python3-pyaudio: no compiler is needed with it, on arm64 either."""
LIST_S = 10.0
"""PortAudio opens every device once to list it; a stuck one is not waited for any longer."""


@dataclass(frozen=True, slots=True)
class CardSpec:
    """What one child opens: the names of a card's two directions (None: not that one), samples per second."""

    capture: str | None
    playback: str | None
    rate: int

    @property
    def name(self) -> str:
        """For people."""
        return " + ".join(dict.fromkeys(name for name in (self.capture, self.playback) if name))

    def as_json(self) -> str:
        """For the child."""
        return json.dumps({"capture": self.capture, "playback": self.playback, "rate": self.rate})


def program(env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """How the child is started, with a Python that has PyAudio: the one named, ours, else the system's."""
    python = env.get("CALLSEAT_AUDIO_PYTHON", "")
    if not python:
        ours = find_spec("pyaudio") is not None or not SYSTEM_PACKAGE.exists()
        python = sys.executable if ours else SYSTEM_PYTHON
    return (python, "-P", "-m", "audio.live.child")


def environment(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The child's: ours, and where to find its modules."""
    return {**env, "PYTHONPATH": str(ROOT)}


class CardProcess:
    """One child that runs, or did. Make it on a thread that lasts: the kernel kills it with that thread."""

    def __init__(self, spec: CardSpec) -> None:
        ring = os.memfd_create("callseat-card", os.MFD_CLOEXEC)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            os.ftruncate(ring, RING_BYTES)
            memory = mmap.mmap(ring, RING_BYTES)
            told = (str(os.getpid()), str(theirs.fileno()), str(ring), spec.as_json())
            self._popen = subprocess.Popen(
                [*program(), "serve", *told],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), ring),
                start_new_session=True,
            )
        except OSError:
            self.control.close()
            raise
        finally:
            theirs.close()
            os.close(ring)
        self.control.setblocking(False)
        self.pidfd = os.pidfd_open(self._popen.pid)
        self.capture = None if spec.capture is None else LaneView(memory, 0)
        self.playback = None if spec.playback is None else LaneView(memory, LANE_BYTES)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._popen.pid

    @property
    def lanes(self) -> tuple[LaneView, ...]:
        """The directions there are."""
        return tuple(lane for lane in (self.capture, self.playback) if lane is not None)

    def hear(self) -> Mapping[str, Any] | None:
        """What it says: `opened` or `failed`; None: nothing for now, or nothing ever again."""
        try:
            said = self.control.recv(4096)
        except (BlockingIOError, ConnectionResetError):
            return None
        return json.loads(said) if said else None

    def kill(self) -> None:
        """End it, whatever it does; nothing is waited for."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def ended(self) -> bool:
        """Whether it is over."""
        return self._popen.poll() is not None

    def reaped(self) -> bool:
        """Whether it is over; then every descriptor of it is closed, and nothing else may be asked."""
        if not self.ended():
            return False
        os.close(self.pidfd)
        self.control.close()
        return True


def list_devices() -> Mapping[str, Any]:
    """What PortAudio lists, from a child of its own; blocks. `missing` says why there is nothing."""
    try:
        done = subprocess.run(
            [*program(), "list"],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LIST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"devices": [], "missing": f"PortAudio did not answer within {LIST_S:g} s"}
    if done.returncode:
        return {"devices": [], "missing": f"the child that lists devices ended with {done.returncode}"}
    listed: Mapping[str, Any] = json.loads(done.stdout)
    return listed
