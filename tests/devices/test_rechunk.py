"""Pieces of what was heard: every byte once, in order, with its time; the same seed cuts the same way."""

from __future__ import annotations

from itertools import islice

import pytest

from devices.rechunk import LONGEST, piece_sizes, pieces
from state.errors import ConfigError

HEARD = [(n / 10, n % 256) for n in range(500)]


@pytest.mark.parametrize("chunk", ["all", "one", "random:0", "random:7", "random:12345678901"])
def test_nothing_is_lost_doubled_or_moved(chunk: str) -> None:
    cut = list(pieces(HEARD, piece_sizes(chunk)))
    assert [byte for piece in cut for byte in piece] == HEARD
    assert all(cut)


def test_sizes() -> None:
    assert [len(piece) for piece in pieces(HEARD, piece_sizes("all"))] == [500]
    assert {len(piece) for piece in pieces(HEARD, piece_sizes("one"))} == {1}
    random = list(islice(piece_sizes("random:1"), 1000))
    assert random == list(islice(piece_sizes("random:1"), 1000))
    assert random != list(islice(piece_sizes("random:2"), 1000))
    assert set(random) == set(range(1, LONGEST + 1))


@pytest.mark.parametrize("chunk", ["", "two", "random", "random:", "random:x", "all:1", "one:2"])
def test_anything_else_is_refused(chunk: str) -> None:
    with pytest.raises(ConfigError, match="all, one or random"):
        piece_sizes(chunk)
