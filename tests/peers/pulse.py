"""A real PulseAudio without a sound card: the shipped sinks, null sinks for a headset, players and recorders.

    with pulse(tmp_path, "headset_ear", "headset_mouth") as server:
        server.env                      # for every program that is to use it, through ALSA or directly
        with server.record("callseat_to_line.monitor", 8000) as line:
            server.play("headset_mouth", samples, 16000)
            began = line.await_sound()  # monotonic seconds of its first loud sample

May not touch the machine's own sound server: socket, home and state are in the folder handed in.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.kernel.kit.waiting import await_until
from tests.peers.install import apt
from tests.support import ROOT

Samples = NDArray[np.int16]

PACKAGES = ("pulseaudio", "pulseaudio-utils", "libasound2-plugins")
SOUND = ROOT / "sound"
SHIPPED = SOUND / "callseat.pa"
RATE = 48000
"""Of a card, and so of the null sinks that stand for one."""
LATENCY_MS = 10
"""What players and recorders ask of the server: a callback's length."""
LOUD = 1000
"""A sample over this is sound: -30 dBFS."""


class Recorder:
    """A parec on a source; what it heard, and when."""

    def __init__(self, process: subprocess.Popen[bytes], rate: int) -> None:
        self.rate = rate
        self._process = process
        self._chunks: list[tuple[float, Samples]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        rest = b""
        while data := os.read(self._process.stdout.fileno(), 1 << 16):
            data = rest + data
            whole = len(data) & ~1
            self._chunks.append((time.monotonic(), np.frombuffer(data[:whole], np.int16)))
            rest = data[whole:]

    def samples(self) -> Samples:
        """Everything so far."""
        chunks = [np.zeros(0, np.int16), *(samples for _, samples in list(self._chunks))]
        return np.concatenate(chunks)

    def began(self) -> float:
        """When the first sample was, by the most punctual arrival; LATENCY_MS early or late at most."""
        heard, begins = 0, []
        for stamp, samples in list(self._chunks):
            heard += len(samples)
            begins.append(stamp - heard / self.rate)
        return min(begins)

    def time_of(self, sample: int) -> float:
        """Monotonic seconds of a sample."""
        return self.began() + sample / self.rate

    def rms(self, begin: float, end: float) -> float:
        """Loudness between two times, full scale 1."""
        first = self.began()
        part = self.samples()[round((begin - first) * self.rate) : round((end - first) * self.rate)]
        return float(np.sqrt(np.mean((part / 32768.0) ** 2))) if len(part) else 0.0

    def sound_after(self, at: float, threshold: int = LOUD) -> float | None:
        """When the first loud sample after `at` was; None so far."""
        if not self._chunks:
            return None
        skip = max(0, round((at - self.began()) * self.rate))
        loud = np.flatnonzero(np.abs(self.samples()[skip:].astype(np.int32)) > threshold)
        return self.time_of(skip + int(loud[0])) if len(loud) else None

    def await_sound(self, at: float = 0.0, timeout_s: float = 5.0) -> float:
        """The same, waited for."""
        return await_until(lambda: self.sound_after(at), timeout_s, "sound")

    def await_until(self, at: float, timeout_s: float = 5.0) -> None:
        """Return when everything before `at` has been recorded."""
        await_until(
            lambda: bool(self._chunks) and self.time_of(len(self.samples())) >= at,
            timeout_s,
            "the recording to come so far",
        )

    def close(self) -> None:
        """No more."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Pulse:
    """One server in `folder`; it may be killed and started again, at the same socket."""

    def __init__(self, folder: Path, sinks: tuple[str, ...], scripts: tuple[Path, ...], rate: int) -> None:
        self.folder = folder
        self.socket = folder / "pulse/native"
        self._sinks = sinks
        self._rate = rate
        self._scripts = scripts
        self._process: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []
        (folder / "pulse").mkdir(mode=0o700, parents=True, exist_ok=True)
        asound = folder / "asound.conf"
        named = "".join(_pcm(name) for sink in sinks for name in (sink, f"{sink}.monitor"))
        asound.write_text(
            f"</usr/share/alsa/alsa.conf>\n<{SOUND / 'asound-callseat.conf'}>\n{named}", encoding="utf-8"
        )
        self.env: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULSE_", "ALSA_"))},
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder / "pulse"),
            "PULSE_STATE_PATH": str(folder / "state"),
            "PULSE_SERVER": f"unix:{self.socket}",
            "ALSA_CONFIG_PATH": str(asound),
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        command += ["--disallow-exit", "--high-priority=no", "--realtime=no", "--log-level=error"]
        for script in self._scripts:
            command += ["-F", str(script)]
        for sink in self._sinks:
            command += ["-L", f"module-null-sink sink_name={sink} rate={self._rate} channels=1 norewinds=1"]
        if SHIPPED in self._scripts:
            # Last: who can connect finds every sink.
            command += ["-L", "module-native-protocol-unix auth-cookie-enabled=0"]
        self._process = subprocess.Popen(command, env=self.env, stderr=subprocess.DEVNULL)
        await_until(self._answers, 10.0, "PulseAudio to answer")

    def _answers(self) -> bool:
        return self.control("info", check=False).returncode == 0

    def kill(self) -> None:
        """End it at once, as a crash would; players and recorders end with it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def control(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Ask with pactl."""
        return subprocess.run(
            ["pactl", *arguments], env=self.env, capture_output=True, text=True, timeout=10, check=check
        )

    def listing(self, kind: str) -> list[dict[str, Any]]:
        """sinks, sources, sink-inputs or source-outputs, as pactl lists them."""
        listed: list[dict[str, Any]] = json.loads(self.control("-f", "json", "list", kind).stdout)
        return listed

    def play(
        self, sink: str, samples: Samples, rate: int, latency_ms: int = LATENCY_MS
    ) -> subprocess.Popen[bytes]:
        """Play into a sink and go on; the player ends with the samples, and keeps `latency_ms` in store."""
        place = self.folder / f"play-{len(self._players)}.raw"
        place.write_bytes(samples.astype(np.int16).tobytes())
        command = ["pacat", "--playback", f"--device={sink}", *_format(rate, latency_ms), str(place)]
        player = subprocess.Popen(command, env=self.env, stderr=subprocess.DEVNULL)
        self._players.append(player)
        return player

    @contextmanager
    def record(self, source: str, rate: int) -> Iterator[Recorder]:
        """Record a source, such as SINK.monitor; it has begun when this is entered."""
        command = ["parec", f"--device={source}", *_format(rate)]
        process = subprocess.Popen(
            command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        recorder = Recorder(process, rate)
        try:
            await_until(lambda: len(recorder.samples()), 5.0, f"the first sample of {source}")
            yield recorder
        finally:
            recorder.close()

    def hush(self) -> None:
        """End every player."""
        for player in self._players:
            player.kill()
            player.wait()

    def close(self) -> None:
        """End the server and every player."""
        self.hush()
        if self._process is not None:
            self.kill()


def need_pyaudio() -> None:
    """See that some Python here has PyAudio, as a card's child looks for it."""
    if find_spec("pyaudio") is None:
        apt("python3-pyaudio")


@contextmanager
def pulse(
    folder: Path, *sinks: str, scripts: tuple[Path, ...] = (SHIPPED,), rate: int = RATE
) -> Iterator[Pulse]:
    """A running server with the shipped sinks and these; each is an ALSA name too, its monitor SINK_monitor.

    `rate` (Hz) is that of these. `scripts` instead of the shipped sinks must open the socket themselves.
    """
    apt(*PACKAGES)
    server = Pulse(folder, sinks, scripts, rate)
    try:
        server.start()
        yield server
    finally:
        server.close()


def _format(rate: int, latency_ms: int = LATENCY_MS) -> list[str]:
    return [
        "--raw",
        f"--rate={rate}",
        "--channels=1",
        "--format=s16le",
        f"--latency-msec={latency_ms}",
        f"--process-time-msec={LATENCY_MS}",
    ]


def _pcm(device: str) -> str:
    return f'pcm.{device.replace(".", "_")} {{ type pulse\n device "{device}" }}\n'
