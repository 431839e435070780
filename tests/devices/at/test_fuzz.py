"""Random bytes, a million streams of them: no exception, no growth, and a line that still works afterwards.

Bytes come from an alphabet in which quotation marks, line ends, prefixes and result words are frequent.
"""

from __future__ import annotations

import tracemalloc
from functools import cache

import numpy as np
import pytest

from devices.at.grammar import read_final, read_notice, unglue
from devices.at.lexer import MAX_LINE, Lexer
from devices.at.meaning import meanings
from devices.at.profiles import PROFILES
from devices.at.tracker import MAX_CALLS
from devices.at.watch import WatchingEngine
from state.events import CallCleared, CallDelivered, CallFailed, CallOriginated
from tests.devices.at.rig import LINE

SHARDS = 20
STREAMS_PER_SHARD = 50_000
"""Times SHARDS: 10^6 streams of 1 to 24 bytes; each lexer takes 25 of them, one after the other."""
STREAMS_PER_LEXER = 25
LONGEST = 24
WORDS = (
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\nRING\r\n",
    b"NO CARRIER",
    b"BUSY",
    b"CONNECT",
    b"+CLCC: 1,1,4,0,0",
    b'"',
    b'"',
    b"+CLIP: ",
    b"+CIEV: 2,",
    b"*ECAV: 1,",
    b"^SLCC: ",
    b"^CEND:1,",
    b"+UCALLSTAT: ",
    b"^DSCI: ",
    b"VOICE CALL: ",
    b"NMBR=",
    b"+CME ERROR: 4",
    b"\x10R",
    b"\x10b",
    b'+CIND: ("call",(0,1)),("callsetup",(0-3))',
    b"+CHLD: (0-",
)
COMMANDS = (
    b"ATA\r",
    b"ATD1;\r",
    b"AT+CLCC\r",
    b"AT+CHLD=2\r",
    b"AT+CHUP\r",
    b"ATH\r",
    b"AT+CIND=?\r",
    b"ATQ1\r",
    b"ATQ0V0\r",
    b"AT+CHLD=4\r",
    b"AT^SLCC\r",
    b"ATD no\r",
    b"A/",
    b"\xff\r",
)
by_shard = pytest.mark.parametrize("shard", range(SHARDS))


@cache
def alphabet() -> np.ndarray:
    """Each byte once, and those with a meaning forty times."""
    return np.frombuffer(bytes(range(256)) + b'\r\n\r\n"",,::+^*\x10\x00OKRINGAT0123' * 40, np.uint8)


def streams(seed: int, count: int) -> list[bytes]:
    """Made at once: one draw for all bytes, then cut."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, LONGEST + 1, count)
    data = rng.choice(alphabet(), int(lengths.sum())).tobytes()
    ends = np.cumsum(lengths)
    return [data[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]


@by_shard
def test_lexer_takes_any_stream(shard: int) -> None:
    made = streams(shard, STREAMS_PER_SHARD)
    for first in range(0, len(made), STREAMS_PER_LEXER):
        lexer = Lexer(shielded=bool(first & 32))
        group = made[first : first + STREAMS_PER_LEXER]
        lexer.expect_echo(group[0])
        lines = [line for data in group for line in lexer.feed(data)]
        assert lexer.pending <= MAX_LINE
        assert sum(map(len, lines)) <= sum(map(len, group))
    for line in lines:
        assert line.strip()


@by_shard
def test_lexer_is_the_same_however_a_stream_is_cut(shard: int) -> None:
    for first in range(0, 1000, STREAMS_PER_LEXER):
        group = streams(1000 + shard, 1000)[first : first + STREAMS_PER_LEXER]
        cut, whole = Lexer(shielded=True), Lexer(shielded=True)
        assert [line for data in group for line in cut.feed(data)] == whole.feed(b"".join(group))


@by_shard
def test_every_line_has_a_meaning_or_none(shard: int) -> None:
    rng = np.random.default_rng(2000 + shard)
    read = 0
    for data in streams(3000 + shard, 400):
        word = WORDS[int(rng.integers(len(WORDS)))]
        for line in (part for text in Lexer().feed(word + data + b"\r\n") for part in unglue(text)):
            read_final(line, numeric=True)
            read_notice(line, numeric=True)
        read += len(list(meanings(word + data)))
    assert read >= 300


@by_shard
@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_an_engine_that_hears_anything_ends_only_calls_it_began_and_once(shard: int, profile) -> None:
    rng = np.random.default_rng(4000 + shard)
    engine = WatchingEngine(LINE, profile)
    events, at = [], 0.0
    for data in streams(5000 + shard, 150):
        at += float(rng.random()) * 3.0
        events += engine.until(at)
        if rng.random() < 0.4:
            events += engine.host_wrote(COMMANDS[int(rng.integers(len(COMMANDS)))], at).events
        said = WORDS[int(rng.integers(len(WORDS)))] + data
        events += engine.heard(said, [at] * len(said))
    begun = {e.call for e in events if isinstance(e, CallOriginated | CallDelivered)}
    ended = [e.call for e in events if isinstance(e, CallCleared | CallFailed)]
    assert len(ended) == len(set(ended))
    assert set(ended) | {call.id for call in engine._table.calls} == begun
    assert len(engine._table.calls) == len({call.id for call in engine._table.calls}) <= MAX_CALLS


def test_a_line_that_tells_of_ever_new_calls_is_not_believed_for_ever() -> None:
    engine = WatchingEngine(LINE, PROFILES["27007"])
    for index in range(1000):
        engine.feed(f'\r\n*ECAV: {index},5,0,,,"{index:05}",129\r\n'.encode(), float(index))
    assert len(engine._table.calls) == MAX_CALLS


def test_a_stream_without_end_needs_no_more_memory() -> None:
    lexer = Lexer(shielded=True)
    block = (
        np.random.default_rng(6).choice(alphabet(), 4096).tobytes().replace(b"\r", b"x").replace(b"\n", b"y")
    )
    lexer.feed(block)
    tracemalloc.start()
    try:
        for _ in range(100):
            assert lexer.feed(block) is not None
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
    assert lexer.pending <= MAX_LINE
    assert lexer.dropped_bytes > 100 * 3000
