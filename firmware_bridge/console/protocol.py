"""The console's side of docs/console-protocol.md: lines, numbers, acknowledgements, the session.

May not know a pin or a clock: bytes, keys and milliseconds are handed in. Any MicroPython from 1.9 on runs
it, so there are no f-strings and no annotations of variables.
"""

LINE_MAX = 240
"""Characters between the dollar sign and the end of a line."""
ACK_MS = 300
TRIES = 4
HELLO_MS = 1000
HOST_LOST_MS = 12000
WAITING_MAX = 16
OURS = ("HELLO", "KEY", "HOOK")
"""What only a console says: hearing it means that a terminal echoes; that is answered by nothing."""
MODES = ("on", "off", "flash")


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, begins with 0xFFFF; "123456789" gives 0x29B1."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x11021 if crc & 0x8000 else crc << 1
    return crc


def encode(number: int, body: str) -> bytes:
    """One line."""
    text = "%02X %s" % (number, body)
    return bytes("$%s*%04X\n" % (text, crc16(bytes(text, "ascii"))), "ascii")


def decode(line: str) -> tuple[int, str] | None:
    """Number and body of what stood between the dollar sign and the end of a line; None: damaged."""
    text = line[:-5]
    if line[-5:] != "*%04X" % crc16(bytes(text, "ascii")) or text[2:3] != " ":
        return None
    try:
        return int(text[:2], 16), text[3:]
    except ValueError:
        return None


def unescape(text: str) -> str:
    """Text with %XX for bytes of UTF-8; ValueError where it is none."""
    first, *escaped = text.split("%")
    data = bytes(first, "ascii")
    for part in escaped:
        data += bytes([int(part[:2], 16)]) + bytes(part[2:], "ascii")
    return str(data, "utf-8")


class Lines:
    """Finds whole lines in whatever arrives; what is damaged is counted and dropped."""

    def __init__(self) -> None:
        self.damaged = 0
        self._line = bytearray()
        self._open = False

    def feed(self, data: bytes) -> list[tuple[int, str]]:
        """Number and body of every line that ends in `data`."""
        found = []
        for byte in data:
            if byte == 0x24:
                self.damaged += self._open
                self._open, self._line = True, bytearray()
            elif not self._open:
                continue
            elif 0x20 <= byte <= 0x7E and len(self._line) < LINE_MAX:
                self._line.append(byte)
            else:
                self._open = False
                line = decode(str(self._line, "ascii")) if byte in (0x0A, 0x0D) else None
                if line is None:
                    self.damaged += 1
                else:
                    found.append(line)
        return found


class Board:
    """What the session needs of a console."""

    def lamps(self, modes: dict[str, str]) -> None:
        """Light these, on or flash; every lamp that is not named goes off."""
        raise NotImplementedError

    def ring(self, on: bool) -> None:
        """Sound the ringer, or stop it."""
        raise NotImplementedError

    def show(self, row: int, text: str) -> None:
        """Show a row, the first is 1; ValueError where there is no such row."""
        raise NotImplementedError

    def host_lost(self) -> None:
        """Nobody is there: no lamp, no ringer, and on the display that it is so."""
        raise NotImplementedError


class Console:
    """One console's session with its host. Times are milliseconds that never go back.

    Nothing calls deep: a micro:bit has a stack of eight calls.
    """

    def __init__(self, about: str, board: Board) -> None:
        """`about`: the fields of HELLO after `console/1`, but the hook's."""
        self._about = about
        self._board = board
        self._lines = Lines()
        self._hook = ""
        self._joined = False
        self._lit = False
        self._number = 0
        self._tries = 0
        self._due = 0
        self._waiting = []  # type: list[str]
        self._answers = []  # type: list[tuple[int, str]]
        self._heard = (0, "")
        self._heard_at = 0

    def feed(self, data: bytes, now: int) -> None:
        """Bytes from the host."""
        for number, body in self._lines.feed(data):
            self._hear(number, body, now)

    def key(self, name: str, down: bool) -> None:
        """A key moved. What nobody is there to hear is not told later."""
        if self._joined:
            self._waiting.append("KEY %s %s" % (name, "down" if down else "up"))

    def hook(self, off: bool) -> None:
        """Where the cradle's switch is: at the start, and whenever it moved."""
        self._hook = "off" if off else "on"
        if self._joined:
            self._waiting.append("HOOK " + self._hook)

    def advance(self, now: int) -> bytes:
        """Let time pass to `now`; what is to be written to the host."""
        if self._lit and now - self._heard_at >= HOST_LOST_MS:
            self._leave()
        if len(self._waiting) > WAITING_MAX or (self._tries == TRIES and self._joined and now >= self._due):
            self._joined = False
        if not self._joined and (not self._waiting or self._waiting[0][:6] != "HELLO "):
            self._greet()
        data = b""
        for number, answer in self._answers:
            data += encode(number, answer)
        self._answers = []
        if self._waiting and (not self._tries or now >= self._due):
            if not self._tries:
                self._number = self._number % 255 + 1
            self._tries += 1
            self._due = now + (ACK_MS if self._joined else HELLO_MS)
            data += encode(self._number, self._waiting[0])
        return data

    def _greet(self) -> None:
        """A session begins: nothing of an earlier one is said or known any more."""
        hook = " hook=" + self._hook if self._hook else ""
        self._waiting = ["HELLO console/1 " + self._about + hook]
        self._tries = 0
        self._heard = (0, "")

    def _leave(self) -> None:
        """The host is gone."""
        self._forget()
        self._lit = False
        self._board.host_lost()

    def _forget(self) -> None:
        """There is no session, and nothing under way."""
        self._joined = False
        self._waiting = []
        self._tries = 0

    def _hear(self, number: int, body: str, now: int) -> None:
        verb, rest = (body + " ").split(" ", 1)
        if verb in OURS:
            return
        self._heard_at = now
        if verb == "ASK":
            self._forget()
        elif verb == "BYE":
            self._leave()
        elif verb in ("ACK", "NAK"):
            # A HELLO that is refused is said again.
            if self._tries and number == self._number and (verb == "ACK" or self._joined):
                self._joined = self._lit = True
                self._waiting.pop(0)
                self._tries = 0
        elif not self._joined:
            self._answers.append((number, "NAK hello"))
        else:
            if number != self._heard[0]:
                self._heard = (number, self._obey(verb, rest[:-1]))
            self._answers.append(self._heard)

    def _obey(self, verb: str, rest: str) -> str:
        """Do it; the answer."""
        try:
            if verb == "LAMPS":
                modes = dict([each.split("=") for each in rest.split()])
                if [mode for mode in modes.values() if mode not in MODES]:
                    return "NAK args"
                self._board.lamps(modes)
            elif verb == "RING" and rest in ("on", "off"):
                self._board.ring(rest == "on")
            elif verb == "SHOW":
                row, text = (rest + " ").split(" ", 1)
                self._board.show(int(row), unescape(text[:-1]))
            elif verb != "PING":
                return "NAK args" if verb == "RING" else "NAK verb"
        except ValueError:
            return "NAK args"
        return "ACK"
