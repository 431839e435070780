from __future__ import annotations

import io
import struct

import pytest

from audio.wav_chunks import MOST_CHUNKS, Unreadable, WavForm, read_form
from tests.audio.wav_made import A_LAW, FLOAT, MU_LAW, PCM, Wav, chunk, extensible, long_wav

LIST = chunk(b"LIST", b"INFOISFT\x05\x00\x00\x00Lavf\x00\x00")
FACT = chunk(b"fact", struct.pack("<I", 800))
ODD = chunk(b"bext", bytes(603))


def form_of(data: bytes, length: int | None = None) -> WavForm:
    return read_form(io.BytesIO(data), len(data) if length is None else length)


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        form_of(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("wav", "name", "frames"),
    [
        (Wav(bits=8), "8-bit PCM", 1600),
        (Wav(), "16-bit PCM", 800),
        (Wav(bits=12), "16-bit PCM", 800),
        (Wav(bits=24), "24-bit PCM", 533),
        (Wav(bits=20), "24-bit PCM", 533),
        (Wav(bits=32), "32-bit PCM", 400),
        (Wav(tag=FLOAT, bits=32), "32-bit floating point", 400),
        (Wav(tag=FLOAT, bits=64), "64-bit floating point", 200),
        (Wav(tag=A_LAW, bits=8), "A-law", 1600),
        (Wav(tag=MU_LAW, bits=8), "mu-law", 1600),
        (Wav(tag=MU_LAW, bits=16, block=1), "mu-law", 1600),
        (Wav(tag=extensible(PCM)), "16-bit PCM", 800),
        (Wav(tag=extensible(FLOAT), bits=32), "32-bit floating point", 400),
    ],
)
def test_codings(wav: Wav, name: str, frames: int) -> None:
    form = form_of(wav.bytes())
    assert (form.coding.name, form.frames, form.channels, form.note) == (name, frames, 1, "")
    assert form.duration_s == pytest.approx(frames / 8000)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_stereo(bits: int) -> None:
    form = form_of(Wav(channels=2, bits=bits).bytes())
    assert (form.channels, form.frame_bytes, form.frames) == (2, bits // 4, 1600 // (bits // 4))


@pytest.mark.parametrize(
    "wav",
    [
        Wav(before=LIST + FACT),
        Wav(between=ODD + LIST),
        Wav(after=LIST + ODD),
        Wav(LIST, before=ODD, after=ODD),
    ],
)
def test_other_chunks_are_passed_over(wav: Wav) -> None:
    data = wav.bytes()
    form = form_of(data)
    assert form.frames == len(wav.data) // 2
    assert data[form.data_at :].startswith(wav.data)
    assert form.note == ""


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_long_files_have_their_sizes_elsewhere(magic: bytes) -> None:
    form = form_of(long_wav(bytes(2000), magic))
    assert (form.frames, form.note) == (1000, "")


def test_a_long_file_may_be_over_4_gigabytes() -> None:
    """The header alone: nothing of the samples is read."""
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, 6_000_000_000, 0, 0))
    head = Wav(b"", before=ds64, magic=b"RF64", data_size=0xFFFFFFFF).bytes()
    form = form_of(head, len(head) + 6_000_000_000)
    assert (form.frames, form.note) == (3_000_000_000, "")


def test_a_long_file_without_its_sizes_is_read_to_its_end() -> None:
    form = form_of(Wav(magic=b"RF64", data_size=0xFFFFFFFF, riff_size=0xFFFFFFFF).bytes())
    assert form.frames == 800
    assert "no length" in form.note


@pytest.mark.parametrize(
    ("data_size", "riff_size"),
    [(0, 0), (0, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFF000, 0x7FFFF024), (0x7FFFFFFF, 0)],
)
def test_a_streamed_file_is_read_to_its_end(data_size: int, riff_size: int) -> None:
    form = form_of(Wav(data_size=data_size, riff_size=riff_size).bytes())
    assert form.frames == 800
    assert form.note == "states no length, like a recording written into a pipe: read to its end"


def test_an_empty_file_that_says_so_is_empty_whatever_comes_behind() -> None:
    form = form_of(Wav(b"", after=LIST).bytes())
    assert (form.frames, form.note) == (0, "")


def test_a_file_cut_short_says_how_much_is_there() -> None:
    data = Wav(bytes(16000)).bytes()
    form = form_of(data[:-12000])
    assert form.frames == 2000
    assert form.note == "is cut short: 0.25 s of 1.00 s are there"


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_half_a_frame_at_the_end_is_left_out(lost: int) -> None:
    form = form_of(Wav(bytes(1600), channels=2).bytes()[:-lost])
    assert form.frames == 399
    odd = form_of(Wav(bytes(1601)).bytes())
    assert (odd.frames, odd.note) == (800, "")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"RI", "is not a WAV file"),
        (b"RIFF", "cut short within its header"),
        (b"OggS" + bytes(60), "is an Ogg file, not a WAV file"),
        (b"fLaC" + bytes(60), "is a FLAC file"),
        (b"ID3\x04" + bytes(60), "is an MP3 file"),
        (b"\xff\xfb\x90" + bytes(60), "is an MP3 file"),
        (b"FORM" + bytes(60), "is an AIFF file"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(60), "is an MP4 file"),
        (b"RIFX" + bytes(60), "big-endian"),
        (b"riff" + bytes(60), "Wave64"),
        ("早上好".encode() * 20, "is not a WAV file"),
        (Wav(kind=b"AVI ").bytes(), "RIFF of kind 'AVI'"),
        (b"RIFF\x04\x00\x00\x00WAVE", "has no format chunk"),
        (b"RIFF\x04\x00\x00\x00WAVE" + chunk(b"data", bytes(20)), "has no format chunk"),
        (b"RIFF\x04\x00\x00\x00WAVE" + chunk(b"fmt ", bytes(8)) + chunk(b"data", b""), "too short"),
        (Wav().bytes()[:36], "has no data chunk"),
        (Wav(tag=2, bits=4).bytes(), "holds ADPCM audio"),
        (Wav(tag=49, bits=0).bytes(), "holds GSM 6.10 audio"),
        (Wav(tag=85, bits=0).bytes(), "holds MP3 audio"),
        (Wav(tag=4711).bytes(), "holds format 4711 audio"),
        (Wav(bits=64).bytes(), "holds 64-bit PCM"),
        (Wav(bits=0).bytes(), "holds 0-bit PCM"),
        (Wav(tag=FLOAT, bits=16).bytes(), "holds 16-bit floating point"),
        (Wav(channels=0).bytes(), "has 0 channels"),
        (Wav(channels=6).bytes(), "has 6 channels"),
        (Wav(rate=0).bytes(), "sample rate of 0 Hz"),
        (Wav(rate=4000).bytes(), "sample rate of 4000 Hz"),
        (Wav(rate=0xFFFFFFFF).bytes(), "sample rate of 4294967295 Hz"),
        (Wav(bits=24, block=4).bytes(), "states 4 bytes for 1 x 24 bits"),
        (Wav(tag=extensible(PCM)).bytes().replace(b"\x80\x00\x00\xaa", b"\x80\x00\x00\xab"), "unknown kind"),
        (b"RIFF\x04\x00\x00\x00WAVE" + chunk(b"ds64", b"") + bytes(8 * 2000), "has no format chunk"),
        (Wav(before=chunk(b"ds64", bytes(8)), magic=b"RF64").bytes()[:40], "cut short within its header"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, why: str) -> None:
    assert why in refusal(data)


def test_endless_chunks_are_given_up() -> None:
    class Counting(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1) -> bytes:
            Counting.reads += 1
            return super().read(size)

    data = b"RIFF\x04\x00\x00\x00WAVE" + bytes(8 * 10 * MOST_CHUNKS)
    with pytest.raises(Unreadable, match="no format chunk"):
        read_form(Counting(data), len(data))
    assert Counting.reads <= MOST_CHUNKS + 1
