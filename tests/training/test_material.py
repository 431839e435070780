from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.training.made import library
from training.material import LEFT_OUT, SHORTEST, Shelf, families


def test_a_family_weighs_the_square_root_of_its_size() -> None:
    sounds = {Path(f"{family}/{n}"): np.zeros(SHORTEST, np.float32) for family, many in (("a", 9), ("b", 1))
              for n in range(many)}  # fmt: skip
    shelf = Shelf(
        {name: [path for path in sounds if path.parts[0] == name] for name in "ab"}, sounds.__getitem__
    )
    rng = np.random.default_rng(1)
    drawn = Counter(shelf.draw(rng)[0].parts[0] for _ in range(4000))
    assert drawn["a"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_a_click_is_never_drawn() -> None:
    sounds = library()
    shelf = Shelf({"d": [path for path in sounds if path.parts[1] == "d"]}, sounds.__getitem__)
    rng = np.random.default_rng(2)
    assert {shelf.draw(rng)[0].name for _ in range(50)} == {"0.wav"}


def test_a_shelf_of_nothing_says_so() -> None:
    with pytest.raises(ValueError, match="no recordings"):
        Shelf({"empty": []}, lambda _: np.zeros(0, np.float32))


def test_families_come_in_order_and_without_those_left_out(tmp_path: Path) -> None:
    for name in ("b", "a", f"x-{LEFT_OUT[0]}-wav", LEFT_OUT[-1]):
        (tmp_path / name / "deep").mkdir(parents=True)
        for file in ("2.wav", "1.wav", "deep/3.wav", "readme.txt", "x_lena-orsa_y.wav"):
            (tmp_path / name / file).touch()
    found = families(tmp_path)
    assert list(found) == ["a", "b"]
    assert [path.relative_to(tmp_path / "a").as_posix() for path in found["a"]] == [
        "1.wav",
        "2.wav",
        "deep/3.wav",
    ]
