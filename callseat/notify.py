"""systemd's readiness protocol (sd_notify(3)): READY, STATUS, WATCHDOG, STOPPING as datagrams.

May not block and may not fail: a daemon nobody watches runs the same.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

MICROSECONDS_PER_S = 1_000_000


class Notifier:
    """Tells the service manager how the daemon is; without a socket every call does nothing."""

    def __init__(self, address: str | None) -> None:
        self._address = _decode(address)
        self._socket: socket.socket | None = None
        if self._address is not None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    @classmethod
    def from_environ(cls, env: Mapping[str, str] = os.environ) -> Notifier:
        """The notifier $NOTIFY_SOCKET asks for."""
        return cls(env.get("NOTIFY_SOCKET"))

    @property
    def watched(self) -> bool:
        """Whether anybody is told."""
        return self._socket is not None

    def ready(self, status: str = "") -> bool:
        """The daemon serves now."""
        return self._send({"READY": "1"} | ({"STATUS": status} if status else {}))

    def status(self, text: str) -> bool:
        """One line for `systemctl status`."""
        return self._send({"STATUS": text})

    def watchdog(self) -> bool:
        """The loop is alive."""
        return self._send({"WATCHDOG": "1"})

    def stopping(self) -> bool:
        """The daemon is on its way out."""
        return self._send({"STOPPING": "1"})

    def close(self) -> None:
        """Let go of the socket; later calls do nothing."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, fields: Mapping[str, str]) -> bool:
        if self._socket is None or self._address is None:
            return False
        lines = (f"{name}={' '.join(value.splitlines())}" for name, value in fields.items())
        try:
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return False
        return True


def watchdog_interval_s(env: Mapping[str, str] = os.environ, pid: int | None = None) -> float | None:
    """How often to call `watchdog`: half of WATCHDOG_USEC, as sd_watchdog_enabled(3) advises; None: never."""
    meant_for = env.get("WATCHDOG_PID", "")
    if meant_for and meant_for != str(os.getpid() if pid is None else pid):
        return None
    microseconds = env.get("WATCHDOG_USEC", "")
    if not (microseconds.isascii() and microseconds.isdigit()) or int(microseconds) == 0:
        return None
    return int(microseconds) / MICROSECONDS_PER_S / 2


def _decode(address: str | None) -> str | None:
    """A leading @ means the abstract namespace; anything but that or an absolute path is no address."""
    if address and address.startswith("@"):
        return "\0" + address[1:]
    return address if address and address.startswith("/") else None
