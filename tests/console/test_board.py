"""The board part of the firmware on a fake Pico, with the real engine as its host."""

from __future__ import annotations

import pytest

from devices.console.engine import ConsoleEngine
from state.commands import Lamps, SetDisplay, SetLamps
from state.events import ButtonPressed, DeviceAttached, DigitKeyed, HookChanged, MuteRequested
from tests.console import fake_board
from tests.console.fake_board import PWM, Pin, load, rows
from tests.support import ROOT

STEP_MS = 5


class Desk:
    """Firmware and engine, wire and time."""

    def __init__(self, firmware):
        self.firmware = firmware
        self.engine = ConsoleEngine("k1")
        self.ms = 0
        self.events = []
        self._to_board = b""
        self.host(self.engine.start(0.0))

    def host(self, step):
        self.events += step.events
        self._to_board += b"".join(write.data for write in step.writes)

    def run(self, ms):
        for _ in range(ms // STEP_MS):
            self.ms += STEP_MS
            data, self._to_board = self._to_board[:64], self._to_board[64:]
            self.host(self.engine.feed(self.firmware.step(data, self.ms), self.ms / 1000))
            self.host(self.engine.advance(self.ms / 1000))

    def ask(self, command):
        self.host(self.engine.request(command, self.ms / 1000))

    def told(self):
        told, self.events = self.events, []
        return told


@pytest.fixture
def desk(monkeypatch):
    desk = Desk(load(monkeypatch).Firmware())
    desk.run(100)
    return desk


def key(main, name):
    """Row and column pin of a key."""
    for row, names in zip(main.ROW_PINS, main.KEYS, strict=True):
        for column, each in zip(main.COLUMN_PINS, names, strict=True):
            if each == name:
                return row, column
    raise LookupError(name)


def test_it_says_what_it_has(desk):
    (attached,) = desk.told()
    assert isinstance(attached, DeviceAttached)
    assert attached.name == "pico"
    assert attached.features >= {
        "hook",
        "mute_key",
        "digits",
        "display_2x16",
        "ringer",
        "lamp_ring",
        "reject",
    }


def test_before_a_host_it_says_so_on_the_display(monkeypatch):
    load(monkeypatch).Firmware()
    assert rows(2, 16) == ["no host", ""]


def test_keys_go_through_the_matrix(monkeypatch, desk):
    main = load(monkeypatch)
    desk.firmware = main.Firmware()
    desk.run(2000)
    desk.told()
    for name in ("5", "*", "hook", "mute", "flash"):
        Pin.pressed = {key(main, name)}
        desk.run(50)
        Pin.pressed = set()
        desk.run(50)
    told = desk.told()
    assert [type(event) for event in told] == [
        DigitKeyed, DigitKeyed, HookChanged, MuteRequested, ButtonPressed,
    ]  # fmt: skip
    assert [event.digit for event in told[:2]] == ["5", "*"]


def test_a_key_that_bounces_is_one_key(monkeypatch, desk):
    main = load(monkeypatch)
    desk.firmware = main.Firmware()
    desk.run(2000)
    desk.told()
    for pressed in (1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0):
        Pin.pressed = {key(main, "7")} if pressed else set()
        desk.run(STEP_MS)
    desk.run(100)
    assert len(desk.told()) == 1


def test_lamps_light_and_flash(desk):
    desk.ask(SetLamps(Lamps(off_hook=True, ring=True)))
    seen = set()
    for _ in range(40):
        desk.run(25)
        seen.add(tuple(Pin.pins[number].level for number in (18, 19, 20, 21)))
    assert seen == {(1, 0, 0, 0), (1, 1, 0, 0)}


def test_the_ringer_rings_and_stops(desk):
    desk.ask(SetLamps(Lamps(ring=True)))
    heard = []
    for _ in range(100):
        desk.run(25)
        heard.append(PWM.duty > 0)
    assert 10 < sum(heard) < 40
    desk.ask(SetLamps(Lamps()))
    desk.run(100)
    assert PWM.duty == 0


def test_the_display_shows_ascii_whole_rows_over_older_ones(desk):
    desk.ask(SetDisplay(("1001 Ready", "13800138000 Wang")))
    desk.run(100)
    assert rows(2, 16) == ["1001 Ready", "13800138000 Wang"]
    desk.ask(SetDisplay(("坐席 100%",)))
    desk.run(100)
    assert rows(2, 16) == ["100%", ""]


def test_a_host_that_dies_leaves_it_dark(desk):
    desk.ask(SetLamps(Lamps(ring=True)))
    desk.ask(SetDisplay(("Ringing",)))
    desk.run(100)
    for ms in range(desk.ms, desk.ms + 13_000, STEP_MS):
        desk.firmware.step(b"", ms)
    assert rows(2, 16) == ["no host", ""]
    assert PWM.duty == 0
    assert [Pin.pins[number].level for number in (18, 19, 20, 21)] == [0, 0, 0, 0]


def test_a_handset_is_a_switch(monkeypatch):
    main = load(monkeypatch)
    monkeypatch.setattr(main, "CRADLE_PIN", 14)
    Pin.low = {14}
    desk = Desk(main.Firmware())
    desk.run(100)
    desk.told()
    Pin.low = set()
    desk.run(50)
    Pin.low = {14}
    desk.run(50)
    assert [event.off_hook for event in desk.told()] == [True, False]


def test_the_program_key_leaves_the_board_to_its_owner(monkeypatch):
    main = load(monkeypatch)
    Pin.pressed = {key(main, main.PROGRAM_KEY)}
    monkeypatch.setattr(main.select, "poll", lambda: pytest.fail("it serves"))
    main.run()
    assert not main.Firmware().held("5")


def test_no_row_beyond_the_display(monkeypatch):
    lcd = load(monkeypatch, "lcd")
    bus = fake_board.I2C(0, sda=Pin(4), scl=Pin(5), freq=100_000)
    display = lcd.Lcd(bus, 0x27, 4, 20)
    display.show(4, "last")
    assert rows(4, 20) == ["", "", "", "last"]
    for row in (0, 5):
        with pytest.raises(ValueError, match=str(row)):
            display.show(row, "")


def test_the_wiring_in_the_readme_is_that_of_the_program(monkeypatch):
    main = load(monkeypatch)
    text = (ROOT / "firmware_bridge/console/README.md").read_text(encoding="utf-8")
    pins = [*main.ROW_PINS, *main.COLUMN_PINS, *main.LAMP_PINS.values(), main.BUZZER_PIN]
    assert [pin for pin in (*pins, main.SDA_PIN, main.SCL_PIN) if f"GP{pin}" not in text] == []
    assert f"0x{main.LCD_ADDRESS:02X}" in text
