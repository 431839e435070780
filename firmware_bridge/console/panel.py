"""What the agent sees and hears of a console: lamps that flash, the buzzer, the display.

May not know who asks for it.
"""

from machine import PWM, Pin

from .lcd import Lcd
from .protocol import Board

FLASH_MS = 250
BEEP_HZ, BEEP_MS, PAUSE_MS = 2000, 400, 1600
"""The rhythm of a quiet telephone."""
HOST_LOST = "no host"


class Panel(Board):
    """Lamps by their names, one buzzer, one display."""

    def __init__(self, lamps: dict[str, Pin], buzzer: PWM, lcd: Lcd) -> None:
        self._lamps = lamps
        self._buzzer = buzzer
        self._lcd = lcd
        self._modes = {}  # type: dict[str, str]
        self._ring_since = -1
        self._now = 0
        buzzer.freq(BEEP_HZ)

    def lamps(self, modes: dict[str, str]) -> None:
        """Light these; the others go off."""
        self._modes = modes
        self.tick(self._now)

    def ring(self, on: bool) -> None:
        """Begin to ring, or stop."""
        if on != (self._ring_since >= 0):
            self._ring_since = self._now if on else -1
        self.tick(self._now)

    def show(self, row: int, text: str) -> None:
        """Show a row."""
        self._lcd.show(row, text)

    def host_lost(self) -> None:
        """Dark and silent."""
        self.lamps({})
        self.ring(False)
        for row in range(1, self._lcd.rows + 1):
            self._lcd.show(row, HOST_LOST if row == 1 else "")

    def tick(self, now: int) -> None:
        """Go on flashing and ringing."""
        self._now = now
        lit = ("on",) if now // FLASH_MS % 2 else ("on", "flash")
        for name, pin in self._lamps.items():
            pin.value(self._modes.get(name) in lit)
        beeping = self._ring_since >= 0 and (now - self._ring_since) % (BEEP_MS + PAUSE_MS) < BEEP_MS
        self._buzzer.duty_u16(0x8000 if beeping else 0)
