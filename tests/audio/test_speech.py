from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from audio.speech import PROGRAM, SpeechRenderer
from audio.wav import write_wav
from state.errors import ConfigError
from tests.peers.install import program

FAKE = """#!{python}
import sys, wave
log = open({log!r}, "a", encoding="utf-8")
if "--version" in sys.argv:
    print("eSpeak NG text-to-speech: {version}")
    sys.exit(0)
if "--voices=cmn" in sys.argv:
    print("Pty Language       Age/Gender VoiceName          File                 Other Languages")
    for voice in {voices!r}:
        print(" 5 ", voice, "--/M  Chinese_(Mandarin) sit/cmn  (zh-cmn 5)(zh 5)")
    sys.exit(0)
text = sys.stdin.buffer.read().decode("utf-8")
print(sys.argv[sys.argv.index("-v") + 1], text, file=log)
if {mode!r} == "fails":
    sys.exit("no such voice")
with open(sys.argv[sys.argv.index("-w") + 1], "wb") as raw:
    if {mode!r} == "broken":
        raw.write(b"RIFF")
    else:
        with wave.open(raw, "wb") as file:
            file.setnchannels(1); file.setsampwidth(2); file.setframerate(22050)
            file.writeframes(bytes([len(text), 0]) * 400)
log.close()
"""


class Fake:
    """A stand-in for espeak-ng on PATH which keeps a log of what it was asked to say."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._bin, self._log = folder / "bin", folder / "log"
        self._bin.mkdir()
        self.install()
        monkeypatch.setenv("PATH", str(self._bin))

    def install(
        self,
        version: str = "1.51",
        mode: str = "works",
        voices: tuple[str, ...] = ("cmn", "cmn-latn-pinyin"),
    ) -> None:
        program, log = self._bin / PROGRAM, str(self._log)
        told = {"python": sys.executable, "log": log, "version": version, "mode": mode, "voices": voices}
        program.write_text(FAKE.format(**told))
        program.chmod(0o755)

    @property
    def said(self) -> list[str]:
        return self._log.read_text("utf-8").splitlines() if self._log.exists() else []


@pytest.fixture(name="fake")
def _fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    return Fake(tmp_path, monkeypatch)


def test_without_a_program_there_is_text_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert SpeechRenderer(tmp_path / "cache").render("opening", "您好", "zh-CN") is None
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("language", "voice"),
    [("zh-CN", "cmn-latn-pinyin"), ("zh", "cmn-latn-pinyin"), ("en", "en"), ("en_GB", "en")],
)
def test_the_text_is_spoken_in_the_languages_voice(
    fake: Fake, tmp_path: Path, language: str, voice: str
) -> None:
    sound = SpeechRenderer(tmp_path / "cache").render("opening", "您好", language)
    assert sound is not None
    assert sound.rate == 22050
    assert sound.samples[0] == 2
    assert fake.said == [f"{voice} 您好"]


@pytest.mark.parametrize("voices", [("cmn",), ()])
def test_a_version_without_the_better_voice_speaks_with_the_other(
    fake: Fake, tmp_path: Path, voices: tuple[str, ...]
) -> None:
    fake.install(version="1.50", voices=voices)
    assert SpeechRenderer(tmp_path / "cache").render("opening", "您好", "zh-CN") is not None
    assert fake.said == ["cmn 您好"]


def test_what_another_voice_once_said_is_not_taken_for_this_ones(fake: Fake, tmp_path: Path) -> None:
    fake.install(voices=("cmn",))
    SpeechRenderer(tmp_path / "cache").render("opening", "您好", "zh-CN")
    fake.install()
    SpeechRenderer(tmp_path / "cache").render("opening", "您好", "zh-CN")
    assert fake.said == ["cmn 您好", "cmn-latn-pinyin 您好"]
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_the_second_time_it_comes_from_the_cache(fake: Fake, tmp_path: Path) -> None:
    for renderer in (SpeechRenderer(tmp_path / "cache"), SpeechRenderer(tmp_path / "cache")):
        for phrase in ("opening", "other.name"):
            assert renderer.render(phrase, "hello", "en") is not None
    assert fake.said == ["en hello"]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_text_voice_and_version_each_make_their_own_sound(fake: Fake, tmp_path: Path) -> None:
    renderer = SpeechRenderer(tmp_path / "cache")
    renderer.render("a", "hello", "en")
    renderer.render("a", "hello!", "en")
    renderer.render("a", "hello", "zh")
    fake.install(version="1.52")
    SpeechRenderer(tmp_path / "cache").render("a", "hello", "en")
    assert len(fake.said) == 4
    assert len(list((tmp_path / "cache").iterdir())) == 4


@pytest.mark.parametrize("mode", ["fails", "broken"])
def test_a_program_that_fails_leaves_text_and_no_debris(
    fake: Fake, tmp_path: Path, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    fake.install(mode=mode)
    renderer = SpeechRenderer(tmp_path / "cache")
    with caplog.at_level(logging.WARNING):
        assert renderer.render("a", "hello", "en") is None
    assert "text only" in caplog.text
    assert list((tmp_path / "cache").iterdir()) == []
    fake.install()
    assert renderer.render("a", "hello", "en") is not None


def test_a_cache_that_cannot_be_written_leaves_text(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file is in the way")
    assert SpeechRenderer(tmp_path / "cache").render("a", "hello", "en") is None
    assert fake.said == []


@pytest.mark.parametrize(("text", "language"), [("", "zh-CN"), ("  ", "en"), ("bonjour", "fr")])
def test_no_words_or_no_voice_is_text_only(fake: Fake, tmp_path: Path, text: str, language: str) -> None:
    assert SpeechRenderer(tmp_path / "cache").render("a", text, language) is None
    assert fake.said == []


def test_a_recording_wins(fake: Fake, tmp_path: Path) -> None:
    folder = tmp_path / "recordings" / "zh-CN"
    folder.mkdir(parents=True)
    write_wav(folder / "silent.stage_2.wav", np.full(80, 99, np.int16), 16000)
    renderer = SpeechRenderer(tmp_path / "cache", tmp_path / "recordings")
    sound = renderer.render("silent.stage_2", "您好", "zh-CN")
    assert sound is not None
    assert (sound.rate, sound.samples[0]) == (16000, 99)
    assert fake.said == []
    assert renderer.render("silent.stage_2", "hello", "en") is not None
    assert fake.said == ["en hello"]


def test_a_recording_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "opening.wav").write_bytes(b"ID3 this is an MP3")
    with pytest.raises(ConfigError, match=r"en/opening\.wav"):
        SpeechRenderer(tmp_path / "cache", tmp_path).render("opening", "hello", "en")


def test_a_recording_that_may_not_be_looked_for_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    renderer = SpeechRenderer(tmp_path / "cache", tmp_path)
    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(ConfigError, match=r"en/opening\.wav: cannot be looked for: Permission denied"):
        renderer.render("opening", "hello", "en")


@pytest.mark.parametrize("phrase", ["../secret", "a/b", "", ".hidden", "a..b"])
def test_a_phrase_cannot_leave_its_folder(tmp_path: Path, phrase: str) -> None:
    with pytest.raises(ConfigError, match="names no recording"):
        SpeechRenderer(tmp_path / "cache", tmp_path).render(phrase, "hello", "en")


def test_the_real_program_speaks(tmp_path: Path) -> None:
    program(PROGRAM)
    spoken = SpeechRenderer(tmp_path / "cache").render("opening", "您好，请问有什么可以帮您？", "zh-CN")
    assert spoken is not None
    assert 0.8 < spoken.duration_s < 6.0
    assert np.abs(spoken.samples.astype(int)).max() > 1000


SENTENCES = (
    "您好，这里是客户服务中心，请问有什么可以帮您？如果您听得到我说话，请您说一声。",
    "对不起，我听不到您的声音，请您检查一下话筒，或者换一部电话再打过来。",
)


@pytest.mark.parametrize("text", SENTENCES)
def test_mandarin_has_the_pace_of_a_newsreader(tmp_path: Path, text: str) -> None:
    """A character is a syllable: one that were read as letters and a number would take several."""
    program(PROGRAM)
    spoken = SpeechRenderer(tmp_path).render("opening", text, "zh-CN")
    assert spoken is not None
    sounding = np.flatnonzero(np.abs(spoken.samples.astype(int)) > 200)
    lasts_s = (sounding[-1] - sounding[0]) / spoken.rate
    assert 4.0 <= sum(each.isalpha() for each in text) / lasts_s <= 5.0
