"""A line on baresip in the configuration: where its control channel is, and one line for each."""

from __future__ import annotations

from pathlib import Path

from callseat.config import LineBackend, check, load_config
from callseat.config.model import BARESIP_CONTROL

LINE = '[[line]]\nid = "{id}"\nbackend = "baresip"\n'


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    return check(path)


def test_a_line_needs_no_more_than_its_name(tmp_path: Path) -> None:
    assert problems(tmp_path, LINE.format(id="a")) == ()
    (line,) = load_config(tmp_path / "c.toml").lines
    assert (line.backend, line.control) == (LineBackend.BARESIP, BARESIP_CONTROL)


def test_an_address_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, LINE.format(id="a") + 'control = "localhost"\n')
    assert "c.toml:4: [[line]] number 1 control: 'localhost' is not host:port" in problem


def test_two_lines_cannot_share_a_channel(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, LINE.format(id="a") + LINE.format(id="b"))
    assert f'number 2 control: "{BARESIP_CONTROL}" is already the control of [[line]] number 1' in problem
    assert (
        problems(tmp_path, LINE.format(id="a") + LINE.format(id="b") + 'control = "127.0.0.1:4445"\n') == ()
    )


def test_other_lines_are_not_asked(tmp_path: Path) -> None:
    assert problems(tmp_path, '[[line]]\nid = "a"\n[[line]]\nid = "b"\ncontrol = "x:y"\n') == ()
