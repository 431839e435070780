"""WAV files by hand, byte by byte: what no library would write."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    """A chunk, padded to an even length; `size` instead of its true one."""
    stated = len(content) if size is None else size
    return name + struct.pack("<I", stated) + content + bytes(len(content) % 2)


def form(tag: int, channels: int, rate: int, bits: int, block: int | None = None) -> bytes:
    """The content of a format chunk; extensible where `tag` has over 16 bits: the low ones are the tag."""
    each = channels * ((bits + 7) // 8) if block is None else block
    outer = EXTENSIBLE if tag > 0xFFFF else tag
    plain = struct.pack("<HHIIHH", outer, channels, rate, (rate * each) & 0xFFFFFFFF, each, bits)
    if tag <= 0xFFFF:
        return plain
    return plain + struct.pack("<HHI", 22, bits, 0) + struct.pack("<H", tag & 0xFFFF) + GUID_TAIL


def extensible(tag: int) -> int:
    """The tag wrapped in WAVE_FORMAT_EXTENSIBLE."""
    return tag | 0x10000


@dataclass
class Wav:
    """A file in the making."""

    data: bytes = bytes(1600)
    tag: int = PCM
    channels: int = 1
    rate: int = 8000
    bits: int = 16
    block: int | None = None
    before: bytes = b""
    between: bytes = b""
    after: bytes = b""
    data_size: int | None = None
    riff_size: int | None = None
    magic: bytes = b"RIFF"
    kind: bytes = b"WAVE"

    def bytes(self) -> bytes:
        """The whole file."""
        body = self.kind + self.before
        body += chunk(b"fmt ", form(self.tag, self.channels, self.rate, self.bits, self.block))
        body += self.between + chunk(b"data", self.data, self.data_size) + self.after
        stated = len(body) if self.riff_size is None else self.riff_size
        return self.magic + struct.pack("<I", stated) + body

    def write(self, path: Path) -> Path:
        """Write it."""
        path.write_bytes(self.bytes())
        return path


def long_wav(data: bytes, magic: bytes = b"RF64", **more: int) -> bytes:
    """A file whose sizes stand in `ds64` (EBU Tech 3306)."""
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, len(data), len(data) // 2, 0))
    wav = Wav(data, before=ds64, magic=magic, riff_size=0xFFFFFFFF, data_size=0xFFFFFFFF, after=b"", **more)
    return wav.bytes()


def ramp(count: int, channels: int = 1) -> np.ndarray:
    """Samples over the whole range, another in each channel."""
    first = np.linspace(-32768, 32767, count).astype(np.int16)
    return np.stack([first, first[::-1]][:channels], axis=1)
