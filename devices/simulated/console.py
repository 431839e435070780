"""The device side of a console, after docs/console-protocol.md: it resets, loses lines and damages them.

May not be kinder than a console on a long cable. Deterministic; time is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.console.framing import Frame, Framer, encode
from devices.console.messages import OF_CONSOLES
from devices.console.text import unescape
from state.engine import NOTHING, Step, Write
from state.errors import Blame, ProtocolError, ProtocolReason

ACK_S, TRIES, HELLO_S, HOST_LOST_S, WAITING_MAX = 0.3, 4, 1.0, 12.0, 16
SHORT_HOLD_S, LONG_HOLD_S = 0.1, 2.0
"""How long a press is held."""
MODES = ("on", "off", "flash")
HOST_LOST = "no host"


@dataclass(frozen=True, slots=True)
class ConsoleKit:
    """What one console is built of."""

    keys: tuple[str, ...] = (*"123456789*0#", "hook", "mute", "flash", "reject")
    lamps: tuple[str, ...] = ("off_hook", "ring", "mute", "hold")
    rows: int = 2
    columns: int = 16
    charset: str = "ascii"
    ringer: bool = True
    name: str = "simulated%20console"
    version: int = 1


@dataclass(frozen=True, slots=True)
class ConsoleFaults:
    """What a bad cable and a bad board do; of each count, 0 is never."""

    boot_s: float = 0.0
    """Nothing is heard or said for so long after a reset."""
    boot_text: bytes = b""
    """What the boot loader says on the line first."""
    loses_every: int = 0
    """Every so manieth line that it says does not arrive."""
    damages_every: int = 0
    """Of every so manieth line that it says, one bit is wrong."""
    deaf_every: int = 0
    """Of every so manieth chunk from the host, one bit is wrong."""


NO_FAULTS = ConsoleFaults()
DEFAULT_KIT = ConsoleKit()


class SimulatedConsole:
    """One console. Step.writes go to the host."""

    def __init__(self, kit: ConsoleKit = DEFAULT_KIT, *, faults: ConsoleFaults = NO_FAULTS) -> None:
        self.kit = kit
        self.faults = faults
        self.lamps: dict[str, str] = {}
        """Every lamp that is not off, and how it is on."""
        self.ringing = False
        self.resets = 0
        self._said = self._chunks = 0
        self._off_hook: bool | None = None
        self._coming: list[tuple[float, str]] = []
        """Keys that will be let go."""
        self._alive_at = 0.0
        self._waiting: list[str] = []
        self._begin()

    # what is done to it ------------------------------------------------------------------------

    @property
    def joined(self) -> bool:
        """Whether it believes in a host."""
        return self._joined

    def press(self, key: str, at: float, *, long: bool = False) -> Step:
        """Press a key and let it go a little later; ProtocolError (self) where there is no such key."""
        if key not in self.kit.keys:
            message = f"this console has no key {key}; there are {', '.join(self.kit.keys)}"
            raise ProtocolError(Blame.SELF, ProtocolReason.NOT_SUPPORTED, message)
        self._say(f"KEY {key} down")
        self._coming.append((at + (LONG_HOLD_S if long else SHORT_HOLD_S), key))
        return self.advance(at)

    def set_hook(self, off: bool, at: float) -> Step:
        """Lift the handset or put it down; a console has a cradle from then on."""
        self._off_hook = off
        self._say(f"HOOK {'off' if off else 'on'}")
        return self.advance(at)

    def reset(self, at: float) -> Step:
        """Power went for a moment: it knows nothing of any host, and shows nothing."""
        self.resets += 1
        self._alive_at = at + self.faults.boot_s
        self._coming = []
        self._begin()
        told = Step(writes=(Write(self.faults.boot_text),) if self.faults.boot_text else ())
        return Step(writes=(*told.writes, *self.advance(at).writes))

    def _begin(self) -> None:
        self._framer = Framer()
        self._joined = self._lit = False
        self._number = 0
        self._due = 0.0
        self._answers: list[Frame] = []
        self._heard = Frame(0, "")
        self._heard_at = 0.0
        self._dark()

    def _dark(self) -> None:
        self._joined = self._lit = False
        self._waiting, self._tries = [], 0
        self.lamps, self.ringing = {}, False
        self.rows = [HOST_LOST, *[""] * (self.kit.rows - 1)][: self.kit.rows]

    # the engine shape, seen from the device ------------------------------------------------------

    def feed(self, data: bytes, at: float) -> Step:
        """Bytes from the host."""
        if at < self._alive_at:
            return NOTHING
        self._chunks += 1
        for frame in self._framer.feed(_damaged(data, self._chunks, self.faults.deaf_every)):
            if frame.verb not in OF_CONSOLES:
                self._heard_at = at
                self._hear(frame)
        return self.advance(at)

    def advance(self, at: float) -> Step:
        """Let time pass to `at`; what it says now."""
        for _, key in [entry for entry in self._coming if entry[0] <= at]:
            self._say(f"KEY {key} up")
        self._coming = [entry for entry in self._coming if entry[0] > at]
        if at < self._alive_at:
            return NOTHING
        if self._lit and at - self._heard_at >= HOST_LOST_S:
            self._dark()
        if len(self._waiting) > WAITING_MAX or (self._joined and self._tries == TRIES and at >= self._due):
            self._joined = False
        if not self._joined and (not self._waiting or not self._waiting[0].startswith("HELLO")):
            self._waiting, self._tries, self._heard = [self._hello()], 0, Frame(0, "")
        said, self._answers = self._answers, []
        if self._waiting and (not self._tries or at >= self._due):
            if not self._tries:
                self._number = self._number % 255 + 1
            self._tries += 1
            self._due = at + (ACK_S if self._joined else HELLO_S)
            said.append(Frame(self._number, self._waiting[0]))
        return Step(writes=tuple(write for frame in said for write in self._sent(frame)))

    def next_deadline(self) -> float | None:
        """When it does something by itself."""
        dues = [due for due, _ in self._coming]
        dues += [self._due] if self._waiting and self._tries else []
        dues += [self._heard_at + HOST_LOST_S] if self._lit else []
        return max(min(dues), self._alive_at) if dues else self._alive_at or None

    # its session ---------------------------------------------------------------------------------

    def _hello(self) -> str:
        kit = self.kit
        hook = "" if self._off_hook is None else f" hook={'off' if self._off_hook else 'on'}"
        fields = (
            f"keys={','.join(kit.keys)} lamps={','.join(kit.lamps)} charset={kit.charset} name={kit.name}"
        )
        lcd = f" lcd={kit.rows}x{kit.columns}" if kit.rows else ""
        return f"HELLO console/{kit.version} {fields}{lcd}{' ringer=1' if kit.ringer else ''}{hook}"

    def _say(self, body: str) -> None:
        if self._joined:
            self._waiting.append(body)

    def _sent(self, frame: Frame) -> list[Write]:
        """The line as it leaves the cable."""
        self._said += 1
        if self.faults.loses_every and self._said % self.faults.loses_every == 0:
            return []
        return [Write(_damaged(encode(frame), self._said, self.faults.damages_every))]

    def _hear(self, frame: Frame) -> None:
        match frame.verb:
            case "ASK":
                self._joined, self._waiting, self._tries = False, [], 0
            case "BYE":
                self._dark()
            case "ACK" | "NAK":
                if self._tries and frame.number == self._number and (frame.verb == "ACK" or self._joined):
                    self._joined = self._lit = True
                    self._waiting.pop(0)
                    self._tries = 0
            case _ if not self._joined:
                self._answers.append(Frame(frame.number, "NAK hello"))
            case _:
                if frame.number != self._heard.number:
                    self._heard = Frame(frame.number, self._obey(frame))
                self._answers.append(self._heard)

    def _obey(self, frame: Frame) -> str:
        words = frame.rest.split(" ")
        match frame.verb:
            case "PING":
                return "ACK"
            case "LAMPS":
                modes = dict(word.partition("=")[::2] for word in words)
                if not set(modes.values()) <= set(MODES):
                    return "NAK args"
                self.lamps = {name: mode for name, mode in modes.items() if mode != "off"}
                return "ACK"
            case "RING" if frame.rest in ("on", "off"):
                self.ringing = frame.rest == "on"
                return "ACK"
            case "SHOW" if words[0].isdigit() and 1 <= int(words[0]) <= len(self.rows):
                return self._shown(int(words[0]), frame.rest.partition(" ")[2])
            case "RING" | "SHOW":
                return "NAK args"
            case _:
                return "NAK verb"

    def _shown(self, row: int, escaped: str) -> str:
        try:
            self.rows[row - 1] = unescape(escaped)
        except ValueError:
            return "NAK args"
        return "ACK"


def _damaged(data: bytes, count: int, every: int) -> bytes:
    """The data, or with one bit flipped in its middle if its turn has come."""
    if not every or count % every or not data:
        return data
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 0x04]) + data[place + 1 :]
