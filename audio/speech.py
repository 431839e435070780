"""Text to sound: a recording in a folder wins, else espeak-ng where it is installed, else text only.

May not be called on the event loop: it blocks on files and a child process (GPL: run, never imported).
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from audio.wav import Recording, read_wav
from state.errors import ConfigError

PROGRAM = "espeak-ng"


@dataclass(frozen=True, slots=True)
class Voice:
    """Voices of espeak-ng, the best first, and how fast they speak, in its own words per minute."""

    names: tuple[str, ...]
    words_per_minute: int


VOICES = {"zh": Voice(("cmn-latn-pinyin", "cmn"), 210), "en": Voice(("en",), 165)}
"""Voices by the first part of a language tag; the first one that the installed espeak-ng offers speaks.

Where espeak-ng has both for Mandarin (1.51), `cmn` reads characters out as letters and numbers of tones (its
issues 1028 and 1044). Mandarin at 210 is 4.3 syllables a second (34 in 8.0 s, measured on espeak-ng 1.51; a
newsreader has 4 to 5); English a little under the default of 175, to be heard over a voice.
"""

TIMEOUT_S = 20.0
"""A sentence takes under 0.1 s; a child that hangs must not hold the renderer for ever."""

_NAME = re.compile(r"[\w-]+(\.[\w-]+)*")
_log = logging.getLogger(__name__)


class SpeechRenderer:
    """Renders phrases; one per process, used from a worker thread."""

    def __init__(self, cache_dir: Path, recordings_dir: Path | None = None) -> None:
        self._cache = cache_dir
        self._recordings = recordings_dir
        self._program = shutil.which(PROGRAM)
        self._version: str | None = None
        self._names: dict[Voice, str] = {}

    def render(self, phrase: str, text: str, language: str) -> Recording | None:
        """Sound of a phrase, or None where only its text can be shown; blocks.

        ConfigError when the operator's recording of it cannot be used.
        """
        recorded = self._recorded(phrase, language)
        if recorded is not None:
            return recorded
        voice = VOICES.get(re.split("[-_]", language)[0].lower())
        if voice is None or self._program is None or not text.strip():
            return None
        return self._spoken(self._program, voice, text)

    def _recorded(self, phrase: str, language: str) -> Recording | None:
        if self._recordings is None:
            return None
        for part in (phrase, language):
            if not _NAME.fullmatch(part):
                raise ConfigError(
                    f"{self._recordings}: {part!r} names no recording; expected letters, digits, dot, - or _"
                )
        path = self._recordings / language / f"{phrase}.wav"
        try:
            recorded = path.exists()
        except OSError as error:
            raise ConfigError(f"{path}: cannot be looked for: {error.strerror}") from None
        return read_wav(path) if recorded else None

    def _spoken(self, program: str, voice: Voice, text: str) -> Recording | None:
        """The text in a voice, from the cache or from espeak-ng; None, and a warning, when it fails."""
        try:
            if self._version is None:
                self._version = _run([program, "--version"], "").strip()
            if voice not in self._names:
                self._names[voice] = _offered(program, voice)
            name, pace = self._names[voice], str(voice.words_per_minute)
            key = f"{text}\0{name}\0{pace}\0{self._version}"
            path = self._cache / f"{hashlib.sha256(key.encode()).hexdigest()}.wav"
            if not path.exists():
                self._speak_to(path, [program, "-v", name, "-s", pace], text)
            return read_wav(path)
        except (OSError, subprocess.SubprocessError, ConfigError) as error:
            _log.warning("%s could not speak, text only: %s", PROGRAM, error)
            return None

    def _speak_to(self, path: Path, command: list[str], text: str) -> None:
        """Write the sound beside its place and move it there whole, once it is known to be good."""
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache) as folder:
            fresh = Path(folder) / "speech.wav"
            _run([*command, "-w", str(fresh), "--stdin"], text)
            read_wav(fresh)
            os.replace(fresh, path)


def _offered(program: str, voice: Voice) -> str:
    """The first of a voice's names in the list of its language; the last where the list has none."""
    *better, last = voice.names
    if not better:
        return last
    listed = _run([program, f"--voices={last}"], "").splitlines()[1:]
    # Pty Language Age/Gender VoiceName File, and other languages
    offered = {columns[1] for columns in map(str.split, listed) if len(columns) > 1}
    return next((name for name in better if name in offered), last)


def _run(command: list[str], text: str) -> str:
    """Output of a program that reads `text`."""
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        check=True,
        encoding="utf-8",
        errors="replace",
        timeout=TIMEOUT_S,
    )
    return done.stdout
