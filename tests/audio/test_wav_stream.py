"""Files for listening: any coding, block by block, whatever somebody did to their headers."""

from __future__ import annotations

import random
import struct
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from audio.wav import BLOCK_S, WavStream, open_wav, read_wav
from audio.wav_blocks import analysis_rate, frames_of
from state.errors import ConfigError
from tests.audio.sounds import RECORDINGS, tone
from tests.audio.wav_made import FLOAT, MU_LAW, PCM, Wav, chunk, extensible, long_wav, ramp
from tests.peers.install import program

SEED = 5
MUTATIONS = 1500
HOUR_S = 3600


def whole(stream: WavStream) -> np.ndarray:
    return np.concatenate(list(stream))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bits", [16, 24, 32])
def test_what_was_written_is_read(tmp_path: Path, bits: int, channels: int) -> None:
    wide = ramp(20000, channels).astype(np.int64) << (bits - 16)
    data = wide.astype("<i4").tobytes() if bits == 32 else wide.astype("<i2").tobytes()
    if bits == 24:
        data = b"".join(int(each).to_bytes(3, "little", signed=True) for each in wide.ravel())
    stream = open_wav(Wav(data, channels=channels, bits=bits).write(tmp_path / "a.wav"))
    blocks = list(stream)
    assert (stream.rate, stream.channels, stream.duration_s, stream.note) == (8000, channels, 2.5, "")
    assert [len(block) for block in blocks] == [round(BLOCK_S * 8000)] * 5
    assert np.array_equal(np.concatenate(blocks), ramp(20000, channels))


def test_a_stream_can_be_read_again(tmp_path: Path) -> None:
    stream = open_wav(Wav(ramp(9001).tobytes()).write(tmp_path / "a.wav"))
    assert np.array_equal(whole(stream), whole(stream))
    assert len(whole(stream)) == 9001


def test_only_what_is_there_is_read(tmp_path: Path) -> None:
    data = ramp(8000).tobytes()
    path = tmp_path / "a.wav"
    path.write_bytes(Wav(data).bytes()[:-4001])
    stream = open_wav(path)
    assert np.array_equal(whole(stream)[:, 0], ramp(8000)[:5999, 0])
    assert "is cut short: 0.75 s of 1.00 s" in stream.note


def test_chunks_behind_the_samples_are_no_sound(tmp_path: Path) -> None:
    data = ramp(1000).tobytes()
    wav = Wav(data, tag=extensible(PCM), before=chunk(b"bext", bytes(603)), after=chunk(b"LIST", b"x" * 99))
    assert np.array_equal(whole(open_wav(wav.write(tmp_path / "a.wav")))[:, 0], ramp(1000)[:, 0])
    (tmp_path / "b.wav").write_bytes(long_wav(data))
    assert np.array_equal(whole(open_wav(tmp_path / "b.wav"))[:, 0], ramp(1000)[:, 0])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "cannot be read (it is a folder)"),
        (lambda path: path.symlink_to("/dev/zero"), "no file of its own"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"hello, world, this is text"), "is not a WAV file"),
        (lambda path: Wav(channels=6).write(path), "has 6 channels"),
        (lambda path: Wav(tag=85, bits=0).write(path), "holds MP3 audio"),
        (lambda path: Wav(b"").write(path), "has no samples"),
    ],
)
def test_the_message_names_file_fault_and_need(tmp_path: Path, make, words: str) -> None:
    path = tmp_path / "call.wav"
    make(path)
    for opening in (open_wav, read_wav):
        with pytest.raises(ConfigError) as caught:
            opening(path)
        message = str(caught.value)
        assert message.startswith(f"{path}: ")
        assert words in message
        assert "; expected " in message
        assert "\n" not in message


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    stream = open_wav(Wav(bytes(40000)).write(tmp_path / "a.wav"))
    blocks = iter(stream)
    next(blocks)
    (tmp_path / "a.wav").write_bytes(b"")
    with pytest.raises(ConfigError, match="became shorter while it was read"):
        list(blocks)


def test_a_file_that_goes_away(tmp_path: Path) -> None:
    stream = open_wav(Wav().write(tmp_path / "a.wav"))
    (tmp_path / "a.wav").unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        list(stream)


def sparse(path: Path, wav: Wav, size: int) -> Path:
    """A file whose samples are a hole of `size` bytes."""
    wav.data, wav.data_size = b"", min(size, 0xFFFFFFFF)
    path.write_bytes(wav.bytes())
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + size)
    return path


def test_an_hour_of_48_khz_stereo_takes_a_block_of_memory(tmp_path: Path) -> None:
    size = HOUR_S * 48000 * 4
    stream = open_wav(sparse(tmp_path / "hour.wav", Wav(rate=48000, channels=2), size))
    tracemalloc.start()
    try:
        frames = sum(len(block) for block in stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (stream.duration_s, frames) == (HOUR_S, HOUR_S * 48000)
    assert peak < 2_000_000


def test_3_gigabytes_are_a_stream_like_any_other(tmp_path: Path) -> None:
    path = sparse(tmp_path / "huge.wav", Wav(rate=16000), 3_000_000_000)
    stream = open_wav(path)
    assert stream.duration_s == pytest.approx(93750)
    blocks = frames_of(stream)
    tracemalloc.start()
    try:
        assert all(len(next(blocks)) == 320 for _ in range(500))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    with pytest.raises(ConfigError, match=r"huge\.wav: lasts 93750 s; expected 3600 s at most"):
        read_wav(path)


# rates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "analysed"),
    [
        (8000, 8000), (16000, 16000), (32000, 32000), (48000, 48000), (11025, 8000), (12000, 16000),
        (22050, 16000), (24000, 32000), (44100, 48000), (88200, 48000), (96000, 48000), (384000, 48000),
    ],
)  # fmt: skip
def test_the_rate_a_file_is_analysed_at(rate: int, analysed: int) -> None:
    assert analysis_rate(rate) == analysed


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 96000])
def test_frames_are_20_ms_at_any_rate_and_time_stays(tmp_path: Path, rate: int) -> None:
    samples = np.zeros(rate * 2, np.int16)
    samples[rate : rate + rate // 10] = tone(rate, 1000, 0.1)
    stream = open_wav(Wav(samples.tobytes(), rate=rate).write(tmp_path / "a.wav"))
    blocks = list(frames_of(stream))
    target = analysis_rate(rate)
    assert {len(block) for block in blocks} == {target // 50}
    sound = np.concatenate(blocks)[:, 0]
    assert len(sound) == 2 * target
    loud = np.flatnonzero(np.abs(sound.astype(int)) > 1000)
    assert loud[0] / target == pytest.approx(1.0, abs=0.001)
    assert loud[-1] / target == pytest.approx(1.1, abs=0.001)


def test_digital_silence_stays_digital_silence_at_another_rate(tmp_path: Path) -> None:
    stream = open_wav(Wav(bytes(88200), rate=44100, channels=2).write(tmp_path / "a.wav"))
    assert not np.any(np.concatenate(list(frames_of(stream))))


def test_the_channels_of_a_resampled_file_stay_apart(tmp_path: Path) -> None:
    both = np.stack([tone(44100, 500, 0.5), np.zeros(22050, np.int16)], axis=1)
    blocks = list(frames_of(open_wav(Wav(both.tobytes(), rate=44100, channels=2).write(tmp_path / "a.wav"))))
    sound = np.concatenate(blocks)
    assert np.abs(sound[:, 0]).max() > 3000
    assert not np.any(sound[:, 1])


def test_the_last_frame_may_be_short(tmp_path: Path) -> None:
    blocks = list(frames_of(open_wav(Wav(ramp(333).tobytes()).write(tmp_path / "a.wav"))))
    assert [len(block) for block in blocks] == [160, 160, 13]


# what others write --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "rate", "closeness"),
    [
        (("-c:a", "pcm_u8"), 16000, 300),
        (("-c:a", "pcm_s24le"), 16000, 1),
        (("-c:a", "pcm_s32le"), 16000, 1),
        (("-c:a", "pcm_f32le"), 16000, 1),
        (("-c:a", "pcm_f64le"), 16000, 1),
        (("-c:a", "pcm_s24le", "-rf64", "always"), 16000, 1),
        (("-c:a", "pcm_alaw"), 16000, 1100),
        (("-c:a", "pcm_mulaw"), 16000, 1100),
    ],
)
def test_the_same_samples_in_every_coding_of_ffmpeg(
    tmp_path: Path, options: tuple[str, ...], rate: int, closeness: int
) -> None:
    program("ffmpeg")
    source, target = RECORDINGS / "short_zh_16k.wav", tmp_path / "a.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(source), *options, str(target)], check=True)
    stream = open_wav(target)
    assert (stream.rate, stream.note) == (rate, "")
    found, expected = whole(stream)[:, 0].astype(int), read_wav(source).samples.astype(int)
    assert len(found) == len(expected)
    assert np.abs(found - expected).max() <= closeness


def test_what_ffmpeg_writes_into_a_pipe(tmp_path: Path) -> None:
    program("ffmpeg")
    source = RECORDINGS / "short_zh_16k.wav"
    command = ["ffmpeg", "-v", "error", "-i", str(source), "-f", "wav", "-"]
    (tmp_path / "a.wav").write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    stream = open_wav(tmp_path / "a.wav")
    assert np.array_equal(whole(stream)[:, 0], read_wav(source).samples)
    assert "states no length" in stream.note


# anything at all ----------------------------------------------------------------------------------


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes of the first 120 changed, and now and then the file cut or a size made extreme."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        changed[chance.randrange(min(120, len(changed)))] = chance.randrange(256)
    if chance.random() < 0.3:
        at = 4 * chance.randrange(1, 14)
        size = chance.choice((0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF))
        changed[at : at + 4] = struct.pack("<I", size)
    if chance.random() < 0.2:
        del changed[chance.randrange(len(changed)) :]
    return bytes(changed)


def test_any_header_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    """Seeded: the same 1500 files each time, of which some can still be read."""
    chance = random.Random(SEED)
    models = [
        Wav(ramp(400).tobytes()).bytes(),
        Wav(ramp(300, 2).tobytes(), channels=2, rate=44100, tag=extensible(PCM)).bytes(),
        Wav(bytes(800), tag=FLOAT, bits=32, before=chunk(b"LIST", bytes(20))).bytes(),
        Wav(bytes(900), bits=24, after=chunk(b"id3 ", bytes(31))).bytes(),
        Wav(bytes(500), tag=MU_LAW, bits=8, data_size=0xFFFFFFFF, riff_size=0xFFFFFFFF).bytes(),
        long_wav(ramp(400).tobytes()),
        chance.randbytes(700),
    ]
    path = tmp_path / "mutated.wav"
    read = 0
    for number in range(MUTATIONS):
        data = mutated(models[number % len(models)], chance)
        path.write_bytes(data)
        for reading in (lambda: list(frames_of(open_wav(path))), lambda: read_wav(path).samples):
            told = f"{path}: "
            try:
                read += len(reading()) > 0
            except ConfigError as error:
                told = str(error)
            assert told.startswith(f"{path}: "), number
            assert "\n" not in told, number
    assert 0.1 * MUTATIONS < read < MUTATIONS
