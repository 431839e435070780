"""HELLO with every field and every mistake; what the host says; names that must stay those of the seat."""

from __future__ import annotations

import pytest

from devices.console.messages import (
    LAMPS,
    Hello,
    lamps_body,
    read_hello,
    read_hook,
    read_key,
    ring_body,
    show_body,
    version_of,
)
from devices.console.text import Charset
from state.commands import Lamps
from state.errors import Blame, ProtocolError, ProtocolReason

WHOLE = "console/1 keys=1,*,#,hook,flash lamps=ring,mute lcd=4x20 charset=utf8 ringer=1 hook=off name=a%20b"


def test_a_hello_with_everything():
    assert read_hello(WHOLE) == Hello(
        version=1,
        name="a b",
        keys=("1", "*", "#", "hook", "flash"),
        lamps=("ring", "mute"),
        rows=4,
        columns=20,
        charset=Charset.UTF8,
        ringer=True,
        hook=True,
    )


def test_a_hello_with_nothing():
    assert read_hello("console/1") == Hello(1)
    assert read_hello("console/1").features == frozenset()


def test_fields_of_later_hosts_are_skipped_and_order_is_free():
    later = "console/1 colour=red hook=on keys=1 wheel"
    assert read_hello(later) == Hello(1, keys=("1",), hook=False)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "keys=1",
        "console",
        "console/",
        "console/0",
        "console/x",
        "console/99999",
        "phone/1",
        "console/1 lcd=2",
        "console/1 lcd=0x16",
        "console/1 lcd=9x16",
        "console/1 lcd=2x41",
        "console/1 lcd=2x16x3",
        "console/1 charset=koi8",
        "console/1 hook=up",
        "console/1 name=%",
        "console/1 name=%FF",
        "console/1 keys=" + ",".join("abcdefghi" * 5),
        "console/1 lamps=1,2,3,4,5,6,7,8,9",
    ],
)
def test_a_hello_that_is_none_is_refused_as_the_consoles_fault(wrong):
    with pytest.raises(ProtocolError) as caught:
        read_hello(wrong)
    assert caught.value.by is Blame.DEVICE
    assert caught.value.reason is ProtocolReason.MALFORMED


def test_the_version_can_be_read_whatever_else_is_said():
    assert version_of("console/7 lcd=banana") == 7


def test_what_a_console_is_to_the_seat():
    assert read_hello(WHOLE).features == {
        "hook", "digits", "flash", "lamp_ring", "lamp_mute", "ringer", "display", "display_4x20",
        "display_utf8",
    }  # fmt: skip
    assert Hello(1, hook=False).features == {"hook"}
    assert Hello(1, keys=("mute",)).features == {"mute_key"}
    assert Hello(1, keys=("teleport",), lamps=("disco",)).features == frozenset()


def test_a_name_is_one_that_can_be_shown():
    assert read_hello("console/1 name=%07a%0A").name == "a"
    assert len(read_hello("console/1 name=" + "x" * 99).name) == 32


def test_lamps_are_told_whole_and_by_their_names():
    lamps = Lamps(ring=True, mute=True, off_hook=False, hold=True)
    assert lamps_body(("ring", "mute", "hold"), lamps) == "LAMPS ring=flash mute=on hold=flash"
    assert lamps_body(("off_hook", "disco"), lamps) == "LAMPS off_hook=off"
    assert lamps_body(("ring", "mute"), lamps, blinking=True) == "LAMPS ring=flash mute=flash"
    assert lamps_body((), lamps) == ""
    assert lamps_body(("disco",), lamps) == ""
    assert LAMPS == ("off_hook", "ring", "mute", "hold", "microphone", "message_waiting")


def test_what_the_host_says():
    assert ring_body(True) == "RING on"
    assert ring_body(False) == "RING off"
    assert show_body(1, "50%") == "SHOW 1 50%25"
    assert show_body(2, "") == "SHOW 2"


def test_keys_and_hooks():
    assert read_key("5 down") == ("5", True)
    assert read_key("* up") == ("*", False)
    assert read_hook("off") is True
    assert read_hook("on") is False
    for wrong in ("", "5", "5 held", " down", "5  down"):
        with pytest.raises(ProtocolError):
            read_key(wrong)
    with pytest.raises(ProtocolError):
        read_hook("")
