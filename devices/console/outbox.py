"""The one message that is under way to a console: its number, its tries, when to say it again.

May not know what it says, nor keep more than one.
"""

from __future__ import annotations

from devices.console.framing import NUMBER_MAX, Frame, encode

ACK_S = 0.3
"""240 characters take 21 ms at 115200 baud, 250 ms at 9600."""
TRIES = 4


class Outbox:
    """Numbers messages and says one again until it is answered."""

    def __init__(self) -> None:
        self._number = 0
        self._body = ""
        self._tries = 0
        self._due: float | None = None

    @property
    def body(self) -> str:
        """What has not been answered; empty: nothing is under way."""
        return self._body

    @property
    def exhausted(self) -> bool:
        """Whether it was said as often as it may be."""
        return self._tries >= TRIES

    def send(self, body: str, at: float) -> bytes:
        """Say something new; the last one must have been answered or dropped."""
        self._number = self._number % NUMBER_MAX + 1
        self._body = body
        self._tries = 0
        return self.again(at)

    def again(self, at: float) -> bytes:
        """The same line once more."""
        self._tries += 1
        self._due = at + ACK_S
        return encode(Frame(self._number, self._body))

    def answered(self, number: int) -> str:
        """The body this answers, which is over with; empty: it answers nothing that is under way."""
        if not self._body or number != self._number:
            return ""
        body = self._body
        self.drop()
        return body

    def drop(self) -> None:
        """Wait for no answer any more."""
        self._body, self._due = "", None

    def next_deadline(self) -> float | None:
        """When the answer is overdue."""
        return self._due
