"""Names of usages: the standard's, a vendor's mirror of it, and what has no name."""

from __future__ import annotations

import pytest

from devices.hid.usage_names import NAMES, knows, usage_name
from devices.hid.usages import BUTTONS, CONSUMER_BUTTONS, DIGITS, LAMPS
from devices.models.toml_form import usage_key


@pytest.mark.parametrize(
    ("usage", "word", "name"),
    [
        (0x000B_0020, "000B:0020", "Hook Switch"),
        (0x000B_00B0, "000B:00B0", "Phone Key 0"),
        (0x000B_00BB, "000B:00BB", "Phone Key Pound"),
        (0x000B_009E, "000B:009E", "Ringer"),
        (0x0008_0017, "0008:0017", "Off-Hook"),
        (0x0008_002A, "0008:002A", "On-Line"),
        (0x000C_00E9, "000C:00E9", "Volume Increment"),
        (0x0009_0001, "0009:0001", "Button 1"),
        (0x0009_0010, "0009:0010", "Button 16"),
        (0xFF30_0020, "FF30:0020", "Hook Switch"),
        (0xFF95_0017, "FF95:0017", "Off-Hook"),
        (0xFF30_FFFD, "FF30:FFFD", "Reject"),
        (0xFF30_FFFC, "FF30:FFFC", "vendor FF30:FFFC"),
        (0xFF00_0001, "FF00:0001", "vendor FF00:0001"),
        (0x000B_00A5, "000B:00A5", "usage 000B:00A5"),
        (0x0001_0030, "0001:0030", "usage 0001:0030"),
    ],
)
def test_words_and_names(usage: int, word: str, name: str) -> None:
    assert (usage_key(usage), usage_name(usage)) == (word, name)


def test_everything_the_engine_reads_has_a_name() -> None:
    assert set(BUTTONS) | set(DIGITS) | {0x20, 0x2F, 0x9E} <= set(NAMES[0x0B])
    assert set(LAMPS) <= set(NAMES[0x08])
    assert set(CONSUMER_BUTTONS) <= set(NAMES[0x0C])


def test_tables_have_whole_names_once() -> None:
    for page in NAMES.values():
        assert len(set(page.values())) == len(page)
        assert all(name == name.strip() and name[0].isupper() for name in page.values())
    assert (len(NAMES[0x0B]), len(NAMES[0x08])) == (81, 81)


@pytest.mark.parametrize(
    ("usage", "known"),
    [
        (0x000B_0020, True),
        (0xFF13_0026, True),
        (0x000B_00A5, False),
        (0x0008_0017, False),
        (0xFF30_FFFC, False),
    ],
)
def test_which_telephony_usages_are_known(usage: int, known: bool) -> None:
    assert knows(usage) is known
