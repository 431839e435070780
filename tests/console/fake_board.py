"""What a Pico offers the firmware, without a Pico: pins, a key matrix, a display that takes nibbles.

May not know the firmware. Its modules are put in place of MicroPython's.
"""

from __future__ import annotations

import importlib
import sys
import time
from types import ModuleType
from typing import ClassVar

ENABLE, TEXT = 0x04, 0x01
ROWS_AT = {0x00: 0, 0x40: 1, 0x14: 2, 0x54: 3}
PACKAGE = "firmware_bridge.console."


class Pin:
    """One pin; an input reads high unless a pressed key ties it to a row that is low."""

    IN, OUT, PULL_UP = 0, 1, 2
    pins: ClassVar[dict[int, Pin]] = {}
    pressed: ClassVar[set[tuple[int, int]]] = set()
    """Row and column pins of keys that are down."""
    low: ClassVar[set[int]] = set()
    """Inputs that a switch pulls low."""

    def __init__(self, number, _mode=OUT, _pull=None, value=1):
        self.number, self.level = number, value
        Pin.pins[number] = self

    def value(self, level=None):
        if level is not None:
            self.level = int(level)
            return None
        tied = [row for row, column in Pin.pressed if column == self.number and not Pin.pins[row].level]
        return 0 if tied or self.number in Pin.low else self.level


class PWM:
    """The buzzer's pin."""

    duty = 0

    def __init__(self, pin):
        self.pin = pin

    def freq(self, hertz):
        assert 200 < hertz < 8000

    def duty_u16(self, duty):
        PWM.duty = duty


class I2C:
    """A bus with one HD44780 behind a PCF8574 on it, in its four-bit mode once it was told so."""

    memory: ClassVar[list[int]] = []
    writes = 0

    def __init__(self, _bus, *, sda, scl, freq):
        assert (sda.number, scl.number, freq) == (4, 5, 100_000)
        I2C.memory = [0x2A] * 0x80
        self._wires, self._half, self._at, self._four_bits = 0, None, 0, False

    def writeto(self, address, data):
        assert address == 0x27
        I2C.writes += 1
        for wires in data:
            if self._wires & ENABLE and not wires & ENABLE:
                self._latch(self._wires >> 4, self._wires & TEXT)
            self._wires = wires

    def _latch(self, nibble, text):
        if not self._four_bits:
            self._four_bits = nibble == 2
        elif self._half is None:
            self._half = nibble
        else:
            value, self._half = self._half << 4 | nibble, None
            self._take(value, text)

    def _take(self, value, text):
        if text:
            I2C.memory[self._at] = value
            self._at += 1
        elif value & 0x80:
            self._at = value & 0x7F
        elif value == 1:
            I2C.memory = [0x20] * 0x80


def rows(count, columns):
    """What the display shows."""
    starts = [address for address, row in sorted(ROWS_AT.items(), key=lambda entry: entry[1])][:count]
    return [bytes(I2C.memory[start : start + columns]).decode("ascii").rstrip() for start in starts]


def load(monkeypatch, name="main"):
    """A module of the firmware on this board."""
    machine, micropython = ModuleType("machine"), ModuleType("micropython")
    machine.Pin, machine.PWM, machine.I2C = Pin, PWM, I2C
    micropython.kbd_intr = lambda byte: None
    Pin.pins, Pin.pressed, Pin.low, PWM.duty = {}, set(), set(), 0
    for module in (machine, micropython):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(time, "sleep_ms", lambda ms: None, raising=False)
    monkeypatch.setattr(time, "ticks_ms", lambda: 0, raising=False)
    monkeypatch.setattr(time, "ticks_diff", lambda new, old: new - old, raising=False)
    for part in ("keypad", "lcd", "panel", "main"):
        monkeypatch.delitem(sys.modules, PACKAGE + part, raising=False)
    return importlib.import_module(PACKAGE + name)
