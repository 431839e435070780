"""The chunks of a WAV file (RIFF, RF64, BW64): which coding, how many channels, where the samples are.

May not read samples. What the header says is believed as far as the file goes, and no farther.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from audio.wav_codes import A_LAW, EXTENSIBLE, MU_LAW, NAMES, Coding, coding_of

MOST_CHUNKS = 1000
"""A damaged file can look like endless empty chunks; real ones have a dozen (ours)."""
NO_LENGTH = 0x7FFF0000
"""Sizes from here on, where the file is shorter, are what programs write into a pipe: no true length."""
RATES_HZ = (8000, 384000)
"""Least and most samples per second: telephone band, and the most any sound card records (ours)."""
_LONG = (b"RF64", b"BW64")
"""EBU Tech 3306 and ITU-R BS.2088: sizes over 4 GiB stand in the chunk `ds64`."""
_IN_DS64 = 0xFFFFFFFF
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
"""What follows the format tag in a WAVE_FORMAT_EXTENSIBLE sub-format (mmreg.h)."""
_OTHERS = {
    b"OggS": "an Ogg file",
    b"fLaC": "a FLAC file",
    b"ID3": "an MP3 file",
    b"\xff\xfb": "an MP3 file",
    b"FORM": "an AIFF file",
    b".snd": "a Sun audio file",
    b"#!AMR": "an AMR file",
    b"RIFX": "a big-endian WAV file (RIFX)",
    b"riff": "a Wave64 file",
}
"""How files begin that are handed in as WAV."""


class Unreadable(Exception):
    """Why this is no WAV file that can be read; words that follow the file's name."""


@dataclass(frozen=True, slots=True)
class WavForm:
    """What a WAV file holds, and where; `note` says where the header is not true to the file, else empty."""

    coding: Coding
    channels: int
    rate: int
    data_at: int
    frames: int
    note: str = ""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.coding.width * self.channels

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A chunk's name, the size its header states, and where its content begins."""

    name: bytes
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class _Format:
    coding: Coding
    channels: int
    rate: int


def read_form(file: BinaryIO, length: int) -> WavForm:
    """The form of an open file of `length` bytes; Unreadable says why it has none."""
    head = file.read(12)
    _check_head(head)
    long_bytes: int | None = None
    form: _Format | None = None
    data: _Chunk | None = None
    for chunk in _chunks(file, length):
        if chunk.name == b"ds64" and head[:4] in _LONG:
            long_bytes = _long_size(file.read(min(chunk.size, 16)))
        elif chunk.name == b"fmt " and form is None:
            form = _format(file.read(min(chunk.size, 40)))
        elif chunk.name == b"data" and data is None:
            data = chunk
        if form is not None and data is not None:
            break
    if form is None:
        raise Unreadable("has no format chunk")
    if data is None:
        raise Unreadable("has no data chunk")
    stated = long_bytes if data.size == _IN_DS64 and long_bytes is not None else data.size
    whole = struct.unpack("<I", head[4:8])[0] == length - 8
    return _placed(form, data.at, stated, length - data.at, whole)


def _check_head(head: bytes) -> None:
    for begin, kind in _OTHERS.items():
        if head.startswith(begin):
            raise Unreadable(f"is {kind}, not a WAV file")
    if head[4:8] == b"ftyp":
        raise Unreadable("is an MP4 file, not a WAV file")
    if not head:
        raise Unreadable("is empty")
    if head[:4] not in (b"RIFF", *_LONG):
        raise Unreadable("is not a WAV file")
    if len(head) < 12:
        raise Unreadable("is cut short within its header")
    if head[8:12] != b"WAVE":
        raise Unreadable(f"is not a WAV file (RIFF of kind {_plain(head[8:12])})")


def _chunks(file: BinaryIO, length: int) -> Iterator[_Chunk]:
    """Every chunk there is, with the file at its content."""
    at = 12
    for _ in range(MOST_CHUNKS):
        if at + 8 > length:
            return
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = struct.unpack("<4sI", head)
        yield _Chunk(name, size, at + 8)
        at += 8 + size + size % 2


def _long_size(content: bytes) -> int:
    """The size of the data chunk by `ds64`."""
    if len(content) < 16:
        raise Unreadable("is cut short within its header")
    size: int = struct.unpack("<Q", content[8:16])[0]
    return size


def _format(content: bytes) -> _Format:
    """What the format chunk says, checked."""
    if len(content) < 16:
        raise Unreadable("has a format chunk that is too short")
    tag, channels, rate, _, block, bits = struct.unpack("<HHIIHH", content[:16])
    if tag == EXTENSIBLE:
        if len(content) < 40 or content[26:40] != _GUID_TAIL:
            raise Unreadable("has an extensible format chunk of an unknown kind")
        (tag,) = struct.unpack("<H", content[24:26])
    width = 1 if tag in (A_LAW, MU_LAW) else (bits + 7) // 8
    coding = coding_of(tag, width)
    kind = NAMES.get(tag, f"format {tag}")
    if coding is None:
        readable = coding_of(tag, 2) or coding_of(tag, 4) or coding_of(tag, 1)
        raise Unreadable(f"holds {bits}-bit {kind}" if readable else f"holds {kind} audio")
    if channels not in (1, 2):
        raise Unreadable(f"has {channels} channels")
    if block != channels * width:
        raise Unreadable(f"states {block} bytes for {channels} x {bits} bits")
    if not RATES_HZ[0] <= rate <= RATES_HZ[1]:
        raise Unreadable(f"has a sample rate of {rate} Hz")
    return _Format(coding, channels, rate)


def _placed(form: _Format, at: int, stated: int, there: int, whole: bool) -> WavForm:
    """The form, with as many frames as are there; `whole`: the header states the file's true length."""
    size = form.channels * form.coding.width
    streamed = stated > there if stated >= NO_LENGTH else stated == 0 and not whole
    bytes_there = there if streamed else min(stated, there)
    frames = max(0, bytes_there) // size
    note = ""
    if streamed and frames:
        note = "states no length, like a recording written into a pipe: read to its end"
    elif not streamed and stated > there:
        note = f"is cut short: {frames / form.rate:.2f} s of {stated // size / form.rate:.2f} s are there"
    return WavForm(form.coding, form.channels, form.rate, at, frames, note)


def _plain(name: bytes) -> str:
    return repr(name.decode("latin-1").strip())
