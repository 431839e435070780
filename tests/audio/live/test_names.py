"""Device names: stable ones, ALSA cards by id, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio.live.names import Device, NoSuchDevice, choose, read_card_ids, server_node, stable_name

IDS = {0: "vc4hdmi", 2: "Link370"}
DEVICES = [
    Device(0, "vc4-hdmi: MAI PCM i2s-hifi-0 (hw:0,0)", 0, 8, 44100),
    Device(1, "Jabra Link 370: USB Audio (hw:2,0)", 1, 2, 48000),
    Device(2, "callseat_to_line", 32, 32, 44100),
    Device(3, "callseat_to_line_monitor", 32, 32, 44100),
    Device(4, "default", 32, 32, 44100),
    Device(5, "Gone: USB Audio (hw:7,0)", 1, 1, 48000),
    Device(6, "pulse", 32, 32, 44100),
]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ("callseat_to_line", 2),
        ("default", 4),
        ("hw:CARD=Link370,DEV=0", 1),
        ("hw:Link370", 1),
        ("plughw:CARD=Link370", 1),
        ("hw:Link370,0", 1),
        ("Jabra Link 370: USB Audio (hw:2,0)", 1),
        ("Gone: USB Audio (hw:7,0)", 5),
        ("pulse:alsa_input.usb-Jabra_Link_370-00.mono-fallback", 6),
    ],
)
def test_a_name_means_one_device(wanted: str, index: int) -> None:
    assert choose(wanted, "capture", DEVICES, IDS).index == index


@pytest.mark.parametrize(
    ("wanted", "node"),
    [("pulse:ear.monitor", "ear.monitor"), ("pulse", None), ("hw:Link370", None), (None, None)],
)
def test_a_node_of_the_sound_server_is_named_after_pulse(wanted: str | None, node: str | None) -> None:
    assert server_node(wanted) == node


def test_the_same_card_under_another_number_has_the_same_name() -> None:
    moved = Device(9, "Jabra Link 370: USB Audio (hw:1,0)", 1, 2, 48000)
    assert stable_name(moved, {1: "Link370"}) == stable_name(DEVICES[1], IDS) == "hw:CARD=Link370,DEV=0"
    assert choose("hw:CARD=Link370", "capture", [moved], {1: "Link370"}) is moved


@pytest.mark.parametrize(
    ("wanted", "direction", "said"),
    [
        ("callseat_to_lime", "capture", 'no capture device is called "callseat_to_lime"; the nearest is'),
        ("hw:CARD=vc4hdmi", "capture", '"hw:CARD=vc4hdmi" has no capture'),
        ("hw:Linkk370", "playback", 'the nearest is "hw:CARD=Link370,DEV=0"'),
        ("xyz", "playback", 'no playback device is called "xyz"'),
        ("", "capture", 'no capture device is called ""'),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(wanted: str, direction: str, said: str) -> None:
    with pytest.raises(NoSuchDevice) as wrong:
        choose(wanted, direction, DEVICES, IDS)
    assert said in str(wrong.value)


def test_without_any_device_that_is_said() -> None:
    with pytest.raises(NoSuchDevice, match="there is none at all"):
        choose("default", "capture", [], {})


def test_card_ids_are_read_by_number(tmp_path: Path) -> None:
    assert read_card_ids(tmp_path / "none") == {}
    for number, name in ((0, "PCH"), (11, "Headset_1")):
        (tmp_path / f"card{number}").mkdir()
        (tmp_path / f"card{number}/id").write_text(f"{name}\n", encoding="utf-8")
    (tmp_path / "cards").write_text("", encoding="utf-8")
    assert read_card_ids(tmp_path) == {0: "PCH", 11: "Headset_1"}
