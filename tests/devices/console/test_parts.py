"""The parts of the console engine alone: what is under way, what is shown, which keys are down."""

from __future__ import annotations

import pytest

from devices.console.face import Face
from devices.console.framing import Framer
from devices.console.keys import LONG_S, Keys
from devices.console.messages import Hello
from devices.console.outbox import ACK_S, TRIES, Outbox
from devices.console.text import Charset
from state.commands import Lamps
from state.events import ButtonPressed, DigitKeyed, HookChanged, MuteRequested
from state.words import Button
from tests.devices.console.rig import ME

DARK = Lamps()
HELLO = Hello(1, lamps=("ring", "hold"), rows=2, columns=16, ringer=True)


# the outbox ------------------------------------------------------------------------------------


def number_of(data):
    (frame,) = Framer().feed(data)
    return frame.number


def test_numbers_run_from_1_to_255_and_begin_again():
    outbox, seen = Outbox(), []
    for count in range(300):
        seen.append(number_of(outbox.send(f"SHOW 1 {count}", 0.0)))
        assert outbox.answered(seen[-1]) == f"SHOW 1 {count}"
    assert seen == [count % 255 + 1 for count in range(300)]


def test_a_message_is_under_way_until_its_own_answer():
    outbox = Outbox()
    assert (outbox.body, outbox.next_deadline()) == ("", None)
    number = number_of(outbox.send("PING", 1.0))
    assert (outbox.body, outbox.next_deadline()) == ("PING", 1.0 + ACK_S)
    assert outbox.answered(number + 1) == ""
    assert outbox.answered(number) == "PING"
    assert outbox.answered(number) == ""
    assert outbox.next_deadline() is None


def test_it_is_said_four_times_with_one_number():
    outbox = Outbox()
    first, tries = outbox.send("PING", 0.0), 1
    while not outbox.exhausted:
        assert outbox.again(outbox.next_deadline()) == first
        tries += 1
    assert tries == TRIES
    outbox.drop()
    assert number_of(outbox.send("PING", 9.0)) == number_of(first) + 1
    assert not outbox.exhausted


# the face --------------------------------------------------------------------------------------


def shown(face, hello):
    """Everything the face has to say, each settled when it is said."""
    said = []
    while (wanted := face.next(hello)) is not None:
        face.settled(*wanted)
        said.append(wanted[1])
    return said


def test_everything_is_said_once_lamps_first():
    face = Face()
    face.lamps, face.lines = Lamps(ring=True), ("one", "two", "three")
    assert shown(face, HELLO) == ["LAMPS ring=flash hold=off", "RING on", "SHOW 1 one", "SHOW 2 two"]
    assert face.next(HELLO) is None


def test_only_what_differs_is_said():
    face = Face()
    face.lines = ("one", "two")
    shown(face, HELLO)
    face.lines = ("one", "2")
    assert shown(face, HELLO) == ["SHOW 2 2"]
    face.lamps = Lamps(mute=True)
    assert shown(face, HELLO) == []


def test_a_console_that_forgot_is_told_everything():
    face = Face()
    face.lines = ("one",)
    before = shown(face, HELLO)
    face.forget()
    assert shown(face, HELLO) == before
    face.again()
    assert shown(face, HELLO) == before[:2]


def test_what_is_hidden_is_dark_and_comes_back():
    face = Face()
    face.lamps, face.lines = Lamps(ring=True), ("one", "two")
    shown(face, HELLO)
    face.hidden = True
    assert shown(face, HELLO) == ["LAMPS ring=off hold=off", "RING off", "SHOW 1", "SHOW 2"]
    face.hidden = False
    assert shown(face, HELLO) == ["LAMPS ring=flash hold=off", "RING on", "SHOW 1 one", "SHOW 2 two"]


def test_a_change_on_the_way_is_said_after_it():
    face = Face()
    face.lamps = Lamps(ring=True)
    under_way = face.next(HELLO)
    face.lamps = DARK
    face.settled(*under_way)
    assert face.next(HELLO) == ("lamps", "LAMPS ring=off hold=off")


@pytest.mark.parametrize(
    ("hello", "said"),
    [
        (Hello(1), []),
        (Hello(1, ringer=True), ["RING off"]),
        (Hello(1, lamps=("disco",)), []),
        (Hello(1, rows=1, columns=4, charset=Charset.UTF8), ["SHOW 1 %E9%80%9A%E8%AF%9D"]),
    ],
)
def test_a_console_is_told_what_it_can_show(hello, said):
    face = Face()
    face.lines = ("通话中",)
    assert shown(face, hello) == said


# the keys --------------------------------------------------------------------------------------


def test_what_each_kind_of_key_asks_for():
    keys = Keys(ME)
    assert keys.moved("#", True, DARK, 1.0) == [DigitKeyed(1.0, ME, ME, "#")]
    assert keys.moved("hook", True, DARK, 1.0) == [HookChanged(1.0, ME, ME, True)]
    assert keys.moved("mute", True, Lamps(mute=True), 1.0) == [MuteRequested(1.0, ME, ME, False)]
    for name in ("#", "hook", "mute", "teleport", "12", ""):
        assert keys.moved(name, False, DARK, 1.1) == []
    assert keys.moved("teleport", True, DARK, 1.0) == []
    assert keys.moved("12", True, DARK, 1.0) == []
    assert keys.next_deadline() is None


def test_two_keys_are_held_apart():
    keys = Keys(ME)
    keys.moved("flash", True, DARK, 1.0)
    keys.moved("reject", True, DARK, 1.5)
    assert keys.next_deadline() == 1.0 + LONG_S
    assert keys.advance(1.0 + LONG_S) == [ButtonPressed(1.0 + LONG_S, ME, ME, Button.FLASH, True)]
    assert keys.moved("flash", False, DARK, 2.9) == []
    assert keys.moved("reject", False, DARK, 2.9) == [ButtonPressed(2.9, ME, ME, Button.REJECT)]
    assert keys.next_deadline() is None


def test_a_key_said_down_twice_counts_from_the_last():
    keys = Keys(ME)
    keys.moved("flash", True, DARK, 1.0)
    keys.moved("flash", True, DARK, 5.0)
    assert keys.advance(5.5) == []
    assert keys.moved("flash", False, DARK, 5.6) == [ButtonPressed(5.6, ME, ME, Button.FLASH)]


def test_a_session_lets_every_key_go():
    keys = Keys(ME)
    keys.moved("flash", True, DARK, 1.0)
    keys.release()
    assert keys.moved("flash", False, DARK, 1.1) == []
    assert keys.advance(9.0) == []
