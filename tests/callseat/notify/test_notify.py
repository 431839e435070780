from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from callseat.bootid import UNKNOWN_BOOT, boot_id
from callseat.notify import Notifier, watchdog_interval_s


@pytest.fixture(name="manager", params=["path", "abstract"])
def _manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """What systemd listens on, and how it names it."""
    path = str(tmp_path / "notify") if request.param == "path" else f"@callseat-test-{tmp_path.name}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind("\0" + path[1:] if path.startswith("@") else path)
        listener.settimeout(5.0)
        yield listener, path


def test_what_the_daemon_says_arrives(manager: tuple[socket.socket, str]) -> None:
    listener, name = manager
    with closing(Notifier.from_environ({"NOTIFY_SOCKET": name})) as notifier:
        assert notifier.watched
        assert notifier.ready("1 line, 1 headset")
        assert notifier.status("a\nREADY=0")
        assert notifier.watchdog()
        assert notifier.stopping()
    received = [listener.recv(4096) for _ in range(4)]
    assert received == [
        b"READY=1\nSTATUS=1 line, 1 headset",
        b"STATUS=a READY=0",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]


@pytest.mark.parametrize("address", [None, "", "relative/path", "vsock:2:1234"])
def test_without_a_manager_nothing_happens(address: str | None) -> None:
    notifier = Notifier(address)
    assert not notifier.watched
    assert not notifier.ready()
    notifier.close()


def test_a_manager_that_is_gone_costs_nothing(tmp_path: Path) -> None:
    with closing(Notifier(str(tmp_path / "gone"))) as notifier:
        assert notifier.watched
        assert not notifier.watchdog()
    assert not notifier.watchdog()


def test_a_manager_that_does_not_read_never_blocks(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with (
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener,
        closing(Notifier(path)) as notifier,
    ):
        listener.bind(path)
        sent = [notifier.watchdog() for _ in range(5000)]
    assert sent[0]
    assert not sent[-1]


@pytest.mark.parametrize(
    ("env", "interval_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_fed_at_half_its_time(env: dict[str, str], interval_s: float | None) -> None:
    assert watchdog_interval_s(env, pid=77) == interval_s


def test_the_boot_id_is_the_kernels(tmp_path: Path) -> None:
    assert boot_id() == boot_id()
    file = tmp_path / "boot_id"
    file.write_text("0123-abc\n", encoding="ascii")
    assert boot_id(file) == "0123-abc"
    file.write_bytes(b"\xff")
    assert boot_id(file) == UNKNOWN_BOOT
    file.write_bytes(b"\n")
    assert boot_id(file) == UNKNOWN_BOOT
    assert boot_id(tmp_path / "none") == UNKNOWN_BOOT
