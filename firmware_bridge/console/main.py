"""The console on a Raspberry Pi Pico: which pin is what, and the loop.

Change the tables below to what you have built; the host is told by HELLO. On the board a main.py beside this
folder says `from console.main import run` and `run()`.
"""

import select
import sys
from time import ticks_diff, ticks_ms  # type: ignore[attr-defined]  # MicroPython's own

import micropython
from machine import I2C, PWM, Pin

from .keypad import Keypad
from .lcd import Lcd
from .panel import Panel
from .protocol import Console

KEYS = (
    ("1", "2", "3", "hook"),
    ("4", "5", "6", "mute"),
    ("7", "8", "9", "flash"),
    ("*", "0", "#", "reject"),
)
ROW_PINS = (6, 7, 8, 9)
COLUMN_PINS = (10, 11, 12, 13)
LAMP_PINS = {"off_hook": 18, "ring": 19, "mute": 20, "hold": 21}
BUZZER_PIN = 22
CRADLE_PIN = -1
"""A switch that is closed while the handset lies on its cradle; -1: there is no handset."""
SDA_PIN, SCL_PIN, LCD_ADDRESS, LCD_ROWS, LCD_COLUMNS = 4, 5, 0x27, 2, 16
PROGRAM_KEY = "#"
"""Held while the board starts, it leaves the board to mpremote."""
SCAN_MS = 5
CHUNK = 64


class Firmware:
    """The parts, put together on their pins."""

    def __init__(self) -> None:
        rows = [Pin(number, Pin.OUT, value=1) for number in ROW_PINS]
        columns = [Pin(number, Pin.IN, Pin.PULL_UP) for number in COLUMN_PINS]
        self._keypad = Keypad(rows, columns, KEYS)
        lamps = {name: Pin(number, Pin.OUT, value=0) for name, number in LAMP_PINS.items()}
        i2c = I2C(0, sda=Pin(SDA_PIN), scl=Pin(SCL_PIN), freq=100_000)
        self._panel = Panel(lamps, PWM(Pin(BUZZER_PIN)), Lcd(i2c, LCD_ADDRESS, LCD_ROWS, LCD_COLUMNS))
        self._cradle = Pin(CRADLE_PIN, Pin.IN, Pin.PULL_UP) if CRADLE_PIN >= 0 else None
        self._lifted = -1
        self._console = Console(about(), self._panel)
        self._panel.host_lost()

    def held(self, name: str) -> bool:
        """Whether this key is down; for the start, before the first step."""
        self._keypad.scan()
        return (name, True) in self._keypad.scan()

    def step(self, data: bytes, now: int) -> bytes:
        """Take bytes from the host, look at keys and cradle, flash; what is to be written to the host."""
        self._console.feed(data, now)
        for name, down in self._keypad.scan():
            self._console.key(name, down)
        if self._cradle is not None and self._cradle.value() != self._lifted:
            self._lifted = self._cradle.value()
            self._console.hook(self._lifted == 1)
        self._panel.tick(now)
        return self._console.advance(now)


def about() -> str:
    """The fields of HELLO."""
    keys = ",".join([name for row in KEYS for name in row if name])
    lcd = "lcd=%dx%d charset=ascii" % (LCD_ROWS, LCD_COLUMNS)
    return "keys=%s lamps=%s %s ringer=1 name=pico" % (keys, ",".join(LAMP_PINS), lcd)


def run() -> None:
    """Serve the host on the USB cable that powers the board, for ever."""
    firmware = Firmware()
    if firmware.held(PROGRAM_KEY):
        return
    micropython.kbd_intr(-1)  # a byte 3 in the noise of a cable is no Ctrl-C
    waiting = select.poll()
    waiting.register(sys.stdin, select.POLLIN)
    now, last = 0, ticks_ms()
    while True:
        data = b""
        while len(data) < CHUNK and waiting.poll(0 if data else SCAN_MS):
            data += sys.stdin.buffer.read(1)
        ticks = ticks_ms()
        now, last = now + ticks_diff(ticks, last), ticks
        answer = firmware.step(data, now)
        if answer:
            sys.stdout.buffer.write(answer)
