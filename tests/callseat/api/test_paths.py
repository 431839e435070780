"""Where the socket is and who owns it: on a real file system, with real sockets."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from callseat.api.paths import claim, default_socket_path, existing_socket_path, peer_of
from state.errors import ConfigError


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    return tmp_path / "s"


@pytest.fixture(name="listener")
def _listener(place: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        yield listener


def test_the_installed_place_comes_first(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert default_socket_path(environ, tmp_path) == tmp_path / "callseat.sock"


def test_then_the_users_runtime_directory(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert default_socket_path(environ, tmp_path / "none") == tmp_path / "callseat" / "callseat.sock"


@pytest.mark.parametrize("runtime", ["", "/nonexistent"])
def test_then_a_private_directory_under_the_temporary_one(tmp_path: Path, runtime: str) -> None:
    environ = {"XDG_RUNTIME_DIR": runtime, "TMPDIR": str(tmp_path)}
    path = default_socket_path(environ, tmp_path / "none")
    assert path == tmp_path / f"callseat-{os.geteuid()}" / "callseat.sock"
    held = claim(path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    held.release()


def test_a_client_finds_the_socket_that_is_there(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": str(tmp_path)}
    nobody = tmp_path / "none"
    assert existing_socket_path(environ, nobody) == default_socket_path(environ, nobody)
    held = claim(tmp_path / f"callseat-{os.geteuid()}" / "callseat.sock")
    assert existing_socket_path(environ, nobody) == held.path
    held.release()


def test_a_claim_is_a_socket_for_owner_and_group_and_leaves_nothing(place: Path) -> None:
    held = claim(place)
    mode = place.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o660
    held.release()
    assert not place.exists()


def test_the_socket_is_given_to_the_group_where_it_exists(place: Path) -> None:
    held = claim(place, group="no-such-group-here")
    assert place.stat().st_gid == os.getegid()
    held.release()


def test_a_stale_socket_is_removed(place: Path, listener: socket.socket) -> None:
    listener.close()
    assert place.is_socket()
    held = claim(place)
    assert place.stat().st_ino == held.inode
    held.release()


def test_a_socket_somebody_listens_on_is_refused_with_the_process(
    place: Path, listener: socket.socket
) -> None:
    listener.listen()
    with pytest.raises(
        ConfigError, match=rf"another callseat \(process {os.getpid()}\) is listening on {place}"
    ):
        claim(place)
    assert place.is_socket()


def test_a_second_claim_is_refused_even_before_the_first_listens(place: Path) -> None:
    held = claim(place)
    with pytest.raises(ConfigError, match=f"another callseat is listening on {place}"):
        claim(place)
    held.release()
    claim(place).release()


def test_a_claim_of_a_killed_process_is_stale(place: Path) -> None:
    code = "import pathlib, signal\nfrom callseat.api.paths import claim\n"
    code += f"held = claim(pathlib.Path({str(place)!r}))\n"
    code += "held.listener.listen()\nprint('up', flush=True)\nsignal.pause()\n"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        with pytest.raises(ConfigError, match=rf"process {child.pid}\)"):
            claim(place)
        child.send_signal(signal.SIGKILL)
    assert place.is_socket()
    claim(place).release()


def test_a_file_in_the_way_is_not_touched(place: Path) -> None:
    place.write_text("precious")
    with pytest.raises(ConfigError, match="exists and is not a socket"):
        claim(place)
    assert place.read_text() == "precious"


def test_a_symbolic_link_in_the_way_is_not_followed(place: Path, tmp_path: Path) -> None:
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="exists and is not a socket"):
        claim(place)


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory"):
        claim(tmp_path / "no" / "such" / "s")


def test_a_directory_everybody_may_write_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "open"
    directory.mkdir()
    directory.chmod(0o777)
    with pytest.raises(ConfigError, match="anyone could pose as callseat"):
        claim(directory / "s")


def test_a_directory_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "theirs"
    directory.mkdir()
    if os.geteuid() == 0:
        os.chown(directory, 65534, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        claim(directory / "s")


def test_a_path_too_long_for_the_kernel_is_refused_and_leaves_no_lock_held(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"cannot listen on .*too long"):
            claim(tmp_path / ("x" * 120))


def test_the_peer_is_told_by_the_kernel() -> None:
    one, two = socket.socketpair(socket.AF_UNIX)
    with one, two:
        peer = peer_of(one)
    assert (peer.pid, peer.uid, peer.gid) == (os.getpid(), os.getuid(), os.getgid())
