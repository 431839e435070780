"""What a recorded peer said, cut anew: a reader must conclude the same from any pieces.

May not interpret a byte, nor change when it was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from state.errors import ConfigError

Heard = tuple[float, int]
"""A byte, after the seconds at which it was read."""
LONGEST = 40
"""Random pieces are of 1 to so many bytes: shorter than most lines, longer than the shortest."""


def piece_sizes(chunk: str) -> Iterator[int]:
    """Sizes of pieces, for ever; `chunk` is all, one or random:SEED, else ConfigError."""
    kind, _, seed = chunk.partition(":")
    if chunk not in {"all", "one"} and not (kind == "random" and seed.isdigit()):
        raise ConfigError(f"chunk {chunk!r} is not all, one or random:SEED")
    return _sizes(kind, int(seed or 0))


def _sizes(kind: str, number: int) -> Iterator[int]:
    """The random ones are of a small linear congruential generator: the same on every machine."""
    while True:
        number = (number * 1103515245 + 12345) & 0x7FFFFFFF
        yield {"all": 1 << 30, "one": 1}.get(kind, 1 + (number >> 8) % LONGEST)


def pieces(heard: Sequence[Heard], sizes: Iterator[int]) -> Iterator[Sequence[Heard]]:
    """Everything that was heard, in pieces of these sizes."""
    place = 0
    while place < len(heard):
        piece = heard[place : place + next(sizes)]
        place += len(piece)
        yield piece
