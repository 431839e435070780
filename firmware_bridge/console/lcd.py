"""A character display with the HD44780 controller behind a PCF8574 on I2C, as they are sold for a few coins.

May not show more than ASCII: its font knows no other letters that a host could rely on.
"""

from time import sleep_ms  # type: ignore[attr-defined]  # MicroPython's own

from machine import I2C

TEXT, ENABLE, LIGHT = 0x01, 0x04, 0x08
"""Wires of the PCF8574: register select, enable, backlight; the upper four carry data."""
ROWS_AT = (0x00, 0x40, 0x14, 0x54)
"""Where rows begin in the display's memory (HD44780U data sheet; rows 3 and 4 of a 20 column one)."""
CLEAR, LEFT_TO_RIGHT, ON, TWO_ROWS, GO_TO = 0x01, 0x06, 0x0C, 0x28, 0x80


class Lcd:
    """One display."""

    def __init__(self, i2c: I2C, address: int, rows: int, columns: int) -> None:
        self._i2c = i2c
        self._address = address
        self.rows = rows
        self.columns = columns
        sleep_ms(50)
        for nibble, pause_ms in ((0x30, 5), (0x30, 1), (0x30, 1), (0x20, 1)):
            self._i2c.writeto(address, self._pulse(nibble))
            sleep_ms(pause_ms)
        for command in (TWO_ROWS, ON, LEFT_TO_RIGHT, CLEAR):
            self._i2c.writeto(address, self._byte(command, 0))
        sleep_ms(2)

    def show(self, row: int, text: str) -> None:
        """Show a row, the first is 1, in one go: 6 ms for sixteen characters at 100 kHz."""
        if not 1 <= row <= self.rows:
            raise ValueError(row)
        data = self._byte(GO_TO | ROWS_AT[row - 1], 0)
        for char in (text + " " * self.columns)[: self.columns]:
            data += self._byte(ord(char) if " " <= char <= "~" else 0x3F, TEXT)
        self._i2c.writeto(self._address, data)

    def _byte(self, value: int, kind: int) -> bytes:
        return self._pulse(value & 0xF0 | kind) + self._pulse((value << 4) & 0xF0 | kind)

    def _pulse(self, wires: int) -> bytes:
        """Four bits are taken when enable falls."""
        return bytes([wires | LIGHT | ENABLE, wires | LIGHT])
