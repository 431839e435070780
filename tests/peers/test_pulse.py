"""The shipped sound-server files on real servers, and the kit the other tests hear with."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

from tests.peers.pulse import SOUND, pulse
from tests.support import ROOT

RATE = 8000


def tone(hertz: float, seconds: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def pitch(samples: np.ndarray) -> float:
    """The strongest frequency."""
    return float(np.argmax(np.abs(np.fft.rfft(samples.astype(float)))) * RATE / len(samples))


def test_the_shipped_sinks_are_there_and_what_is_played_is_recorded_on_time(tmp_path: Path) -> None:
    with pulse(tmp_path) as server:
        sinks = {each["name"]: each["sample_specification"] for each in server.listing("sinks")}
        assert sinks == dict.fromkeys(("callseat_to_line", "callseat_from_line"), "s16le 1ch 16000Hz")
        with server.record("callseat_to_line.monitor", RATE) as heard:
            at = time.monotonic()
            server.play("callseat_to_line", tone(700, 0.5), RATE)
            began = heard.await_sound()
            heard.await_until(began + 0.5)
            assert began - at < 0.5, "a null sink that rewinds would be 2 s late"
            assert heard.rms(began + 0.1, began + 0.4) == pytest.approx(8000 / 32768 / np.sqrt(2), rel=0.1)
            assert heard.rms(began - 0.05, began - 0.01) < 0.001
            skip = round((began - heard.began()) * RATE)
            assert pitch(heard.samples()[skip : skip + RATE // 4]) == pytest.approx(700, abs=5)


def test_a_killed_server_comes_back_at_the_same_socket(tmp_path: Path) -> None:
    with pulse(tmp_path, "ear") as server:
        for _ in range(3):
            server.kill()
            assert server.control("info", check=False).returncode != 0
            server.start()
            assert "ear" in {each["name"] for each in server.listing("sinks")}


def test_the_box_server_starts_from_its_own_files(tmp_path: Path) -> None:
    """As callseat-sound.service does, but for the place of the included file."""
    script = tmp_path / "server.pa"
    text = (SOUND / "callseat-server.pa").read_text(encoding="utf-8")
    script.write_text(text.replace("/etc/callseat/callseat.pa", str(SOUND / "callseat.pa")), encoding="utf-8")
    with pulse(tmp_path, scripts=(script,)) as server:
        names = {each["name"] for each in server.listing("sinks")}
        assert {"callseat_to_line", "callseat_from_line"} <= names
        modules = {each["name"] for each in server.listing("modules")}
        assert {"module-switch-on-connect", "module-native-protocol-unix"} <= modules


def test_a_desk_phone_and_a_headset_hear_each_other_through_the_loopback(tmp_path: Path) -> None:
    with pulse(tmp_path, "phone_out", "phone_in", "ear", "mouth") as server:
        server.control("set-default-sink", "ear")
        server.control("set-default-source", "mouth.monitor")
        text = (SOUND / "callseat-phone.pa").read_text(encoding="utf-8")
        named = text.replace("alsa_input.PHONE", "phone_in.monitor").replace("alsa_output.PHONE", "phone_out")
        loads = [line.split() for line in named.splitlines() if line.startswith("load-module")]
        assert len(loads) == 2
        for load in loads:
            server.control(*load)
        with (
            server.record("phone_out.monitor", RATE) as customer,
            server.record("ear.monitor", RATE) as agent,
        ):
            server.play("mouth", tone(400, 2), RATE)
            server.play("phone_in", tone(700, 2), RATE)
            for heard, hertz in ((customer, 400), (agent, 700)):
                began = heard.await_sound()
                heard.await_until(began + 0.6)
                skip = round((began - heard.began()) * RATE)
                assert pitch(heard.samples()[skip : skip + RATE // 2]) == pytest.approx(hertz, abs=5)


def test_the_files_agree_on_their_names() -> None:
    """One file names a sink, another relies on it."""
    asound = (SOUND / "asound-callseat.conf").read_text(encoding="utf-8")
    pipewire = (SOUND / "pipewire/callseat-sinks.conf").read_text(encoding="utf-8")
    sinks = set(re.findall(r"sink_name=(\w+)", (SOUND / "callseat.pa").read_text(encoding="utf-8")))
    assert set(re.findall(r"node\.name\s*=\s*(\w+)", pipewire)) == sinks
    assert set(re.findall(r'device "([\w.]+)"\n\}', asound)) == sinks | {f"{sink}.monitor" for sink in sinks}
    unit = (SOUND / "callseat-sound.service").read_text(encoding="utf-8")
    dropin = (SOUND / "callseat-sound.conf").read_text(encoding="utf-8")
    assert "PULSE_RUNTIME_PATH=/run/callseat-sound " in unit
    assert "PULSE_SERVER=unix:/run/callseat-sound/native" in dropin


def test_every_shipped_file_is_in_the_guide_and_in_the_wheel() -> None:
    guide = (ROOT / "docs/audio-routing.md").read_text(encoding="utf-8")
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert shipped["targets"]["wheel"]["shared-data"]["sound"] == "share/callseat/sound"
    for place in SOUND.rglob("*"):
        if place.is_file():
            assert f"`sound/{place.relative_to(SOUND)}`" in guide
