"""Texts: escaped and back, in either character set, cut to cells and to the length of a line."""

from __future__ import annotations

import random

import pytest

from devices.console.framing import LINE_MAX, Frame, encode
from devices.console.messages import show_body
from devices.console.text import Charset, columns, escape, fit, unescape


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Ringing 110", "Ringing 110"),
        ("50% of $2", "50%25 of %242"),
        ("a*b#", "a*b#"),
        ("通", "%E9%80%9A"),
        ("tab\tend\n", "tab%09end%0A"),
        ("", ""),
        ("  two  ", "  two  "),
    ],
)
def test_texts_stand_in_ascii_and_come_back(text, escaped):
    assert escape(text) == escaped
    assert unescape(escaped) == text


@pytest.mark.parametrize("wrong", ["%", "%4", "%G1", "%FF", "%E9%80", "a%%41"])
def test_what_is_no_escape_is_refused(wrong):
    with pytest.raises(ValueError, match=r"escape|codec|hex"):
        unescape(wrong)


def test_random_text_survives():
    chance = random.Random(3)
    for _ in range(300):
        text = "".join(chr(chance.choice([*range(32, 127), *range(0x4E00, 0x4E80)])) for _ in range(20))
        assert unescape(escape(text)) == text
        assert all(" " <= char <= "~" and char != "$" for char in escape(text))


def test_a_lone_surrogate_does_no_harm():
    assert unescape(escape("a\ud800b")) == "a?b"


def test_wide_characters_take_two_cells():
    assert columns("通话 110") == 8
    assert columns("e\u0301") == 1


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (("1001 Ready", "Ringing 13800138000"), ("1001 Ready", "Ringing 13800138")),
        (("one",), ("one", "")),
        ((), ("", "")),
        (("a", "b", "c"), ("a", "b")),
        (("坐席就绪", "通话 110"), ("110", "")),
        (("Ｃａｌｌ：１１０，ｏｋ", "é à ü"), ("Call:110,ok", "e a u")),
        (("“好”—ok。", "x…"), ('" "-ok.', "x...")),
        (("\tA\x00B\n",), ("A B", "")),
    ],
)
def test_an_ascii_display_gets_ascii(lines, shown):
    assert fit(lines, 2, 16, Charset.ASCII) == shown


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (("坐席就绪", "通话 110"), ("坐席就绪", "通话 110")),
        (("一二三四五六七八九十",), ("一二三四五六七八", "")),
        (("a一二三四五六七八九十",), ("a一二三四五六七", "")),
        (("a\x07b",), ("a b", "")),
    ],
)
def test_a_display_with_a_font_gets_chinese_cut_to_its_cells(lines, shown):
    assert fit(lines, 2, 16, Charset.UTF8) == shown


def test_no_row_outgrows_a_line():
    for text in ("通" * 40, "é" * 40, "𝒳" * 40, "%" * 40, "x" * 40):
        for row in fit((text,), 8, 40, Charset.UTF8):
            assert len(encode(Frame(255, show_body(8, row)))) <= LINE_MAX + 2
    assert fit(("通" * 40,), 1, 40, Charset.UTF8) == ("通" * 20,)
