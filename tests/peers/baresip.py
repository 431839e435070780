"""Real baresips on the loopback: processes with configurations of their own, and a hand on each channel.

May not use callseat's engine: what these say of a call is the other side of a test.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.peers.install import apt

PATIENCE_S = 15.0
"""Everything here is on one machine; what takes longer is not coming."""
LISTENING_S = 10.0
FIRST_RTP, FIRST_SIP, BLOCK, BLOCKS = 10000, 20000, 16, 600
_blocks = itertools.count()

CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{sip}
audio_path /nonexistent
audio_source {source}
audio_player {player}
audio_alert aubridge,alert
audio_buffer 40-200
{rates}
call_max_calls 4
call_local_timeout 120
rtp_ports {rtp}-{rtp_end}
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module aubridge.so
{alsa}module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
statmode_default off
{extra}
"""


@dataclass(frozen=True, slots=True)
class Sound:
    """Where a baresip's sound comes from and goes; by default a tone of its own, into nothing."""

    source: str = "ausine,440"
    player: str = ""
    rates: str = "ausrc_srate 48000\nausrc_channels 2"
    env: Mapping[str, str] = field(default_factory=dict)


class Baresip:
    """One process and, while `joined`, its control channel: there is one for everybody."""

    def __init__(
        self,
        name: str,
        sound: Sound | None = None,
        extra: str = "",
        configure: Callable[[Baresip], None] | None = None,
    ) -> None:
        """`extra`: further lines of the configuration file. `configure` writes all of it instead."""
        sound = sound or Sound()
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"baresip-{name}-"))
        self.sip, self.control, self._rtp = free_ports()
        self.uri = f"sip:{name}@127.0.0.1:{self.sip}"
        self.address = f"127.0.0.1:{self.control}"
        self.heard: list[dict[str, Any]] = []
        self._sound = sound
        self._extra = extra
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._tokens = 0
        (configure or Baresip._configure)(self)
        self.start()

    def start(self) -> None:
        """Start the process; its control channel listens when this returns."""
        with (self.folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                ["baresip", "-f", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._sound.env},
            )
        until = time.monotonic() + LISTENING_S
        while time.monotonic() < until and self._process.poll() is None:
            if _listens(self._process.pid, self.control):
                return
        said = (self.folder / "out").read_text(errors="replace")[-800:]
        raise AssertionError(f"baresip {self.name} does not listen: {said}")

    def join(self) -> Baresip:
        """Take the control channel."""
        self._socket = socket.create_connection(("127.0.0.1", self.control), timeout=PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        return self

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End everything, and forget its folder."""
        if self._socket is not None:
            self._socket.close()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def do(self, command: str, params: str = "") -> str:
        """Carry out a command; what it answers. AssertionError where baresip refuses."""
        self._tokens += 1
        token = f"t{self._tokens}"
        fields = {"command": command, "token": token} | ({"params": params} if params else {})
        data = json.dumps(fields).encode()
        assert self._socket is not None, "not joined"
        self._socket.sendall(b"%d:%s," % (len(data), data))
        answer = self.wait_for(lambda said: said.get("token") == token)
        assert answer["ok"], f"{self.name}: {command} {params}: {answer['data']}"
        return str(answer["data"])

    def wait(self, event: str) -> dict[str, Any]:
        """The next event of this type that was not waited for yet."""
        return self.wait_for(lambda said: said.get("type") == event)

    def wait_for(self, fits: Any) -> dict[str, Any]:
        """The first message that fits; it is taken out of `heard`."""
        until = time.monotonic() + PATIENCE_S
        while True:
            for said in self.heard:
                if fits(said):
                    self.heard.remove(said)
                    return said
            if time.monotonic() > until:
                raise AssertionError(f"{self.name} did not say that; it said {self.heard[-5:]}")
            self._read()

    def calls(self) -> list[str]:
        """The rows of its list of calls."""
        return [line for line in self.do("listcalls").splitlines() if "[line " in line]

    def _read(self) -> None:
        assert self._socket is not None, "not joined"
        self._buffer += self._socket.recv(65536)
        while b":" in self._buffer:
            length, _, rest = self._buffer.partition(b":")
            if len(rest) <= int(length):
                return
            self.heard.append(json.loads(rest[: int(length)], strict=False))
            self._buffer = rest[int(length) + 1 :]

    def _configure(self) -> None:
        text = CONFIG.format(
            sip=self.sip,
            control=self.control,
            source=self._sound.source,
            player=self._sound.player or f"aubridge,{self.name}",
            rates=self._sound.rates,
            alsa="module alsa.so\n" if self._sound.source.startswith("alsa") else "",
            rtp=self._rtp,
            rtp_end=self._rtp + BLOCK - 1,
            extra=self._extra,
        )
        (self.folder / "config").write_text(text, encoding="utf-8")
        (self.folder / "accounts").write_text(f"<{self.uri}>;regint=0;answermode=manual\n", encoding="utf-8")
        (self.folder / "contacts").touch()


@contextmanager
def baresips(*names: str, extra: str = "", sound: Sound | None = None) -> Iterator[list[Baresip]]:
    """So many of them; the first is the seat's and not joined, the others are far ends."""
    apt("baresip-core")
    with ExitStack() as stack:
        made: list[Baresip] = []
        for place, name in enumerate(names):
            one = Baresip(name, sound if place == 0 else None, extra if place == 0 else "")
            stack.callback(one.close)
            made.append(one if place == 0 else one.join())
        yield made


def free_ports() -> tuple[int, int, int]:
    """Ports for SIP (TLS takes the one after it), for control, and the first of a block for RTP.

    Below those the kernel hands out, so that nobody takes one in between.
    """
    for _ in range(BLOCKS):
        block = (os.getpid() * 7 + next(_blocks)) % BLOCKS * BLOCK
        sip, rtp = FIRST_SIP + block, FIRST_RTP + block
        if all(_free(port) for port in (sip, sip + 1, sip + 2)):
            return sip, sip + 2, rtp
    raise AssertionError("no port is free")


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as one:
            if kind == socket.SOCK_STREAM:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def _listens(pid: int, port: int) -> bool:
    """Whether that process listens there; asked without connecting, which would take the channel."""
    try:
        rows = Path(f"/proc/{pid}/net/tcp").read_text("ascii").splitlines()[1:]
    except OSError:
        return False
    local = f"0100007F:{port:04X}"
    return any(row.split()[1] == local and row.split()[3] == "0A" for row in rows)
