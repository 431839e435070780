"""The configuration of live sound: names, routing, and what is told of half a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from callseat.config import AudioBackend, AudioRouting, check, load_config

ENV = {
    "XDG_RUNTIME_DIR": "/nowhere",
    "STATE_DIRECTORY": "/var/lib/callseat",
    "CACHE_DIRECTORY": "/var/cache/c",
}
HEADSET = '[audio]\nbackend = "portaudio"\nheadset_in = "callseat_headset"\nheadset_out = "hw:CARD=Link370"\n'
LINE = '[[line]]\nid = "sip"\naudio_in = "callseat_from_line_monitor"\naudio_out = "callseat_to_line"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "callseat.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_names_are_taken_as_they_are(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, HEADSET + 'routing = "server"\n' + LINE), ENV)
    audio, (line,) = config.audio, config.lines
    assert audio.backend is AudioBackend.PORTAUDIO
    assert audio.routing is AudioRouting.SERVER
    assert (audio.headset_in, audio.headset_out) == ("callseat_headset", "hw:CARD=Link370")
    assert (line.audio_in, line.audio_out) == ("callseat_from_line_monitor", "callseat_to_line")


def test_a_line_without_sound_and_names_without_the_backend_are_fine(tmp_path: Path) -> None:
    assert check(write(tmp_path, HEADSET + '[[line]]\nid = "desk"\n')) == ()
    assert check(write(tmp_path, LINE)) == ()
    config = load_config(write(tmp_path, ""), ENV)
    assert (config.audio.routing, config.audio.headset_in) == (AudioRouting.CALLSEAT, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[audio]\nbackend = "portaudio"\nheadset_out = "x"\n', ":1: [audio] headset_in: is missing"),
        ('[audio]\nbackend = "portaudio"\nheadset_in = "x"\n', ":1: [audio] headset_out: is missing"),
        (HEADSET + '[[line]]\nid = "a"\naudio_in = "x"\n', "number 1 audio_out: is missing: audio_in alone"),
        (HEADSET + '[[line]]\nid = "a"\naudio_out = "x"\n', "number 1 audio_in: is missing: audio_out alone"),
        (
            HEADSET + 'routing = "sever"\n',
            'must be one of callseat, server, not "sever", did you mean server?',
        ),
        ('[audio]\nbackend = "portaudo"\n', "did you mean portaudio?"),
        ('[audio]\nheadset_in = ""\n', "must have 1 to 120 characters"),
    ],
)
def test_half_a_configuration_is_one_clear_sentence(tmp_path: Path, text: str, told: str) -> None:
    (problem,) = check(write(tmp_path, text))
    assert told in problem
