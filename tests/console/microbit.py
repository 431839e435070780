"""A real MicroPython with the firmware's protocol part: Debian's for the micro:bit, in QEMU, on a pty.

The board has 16 kB of memory, so the source is typed into it in small pieces and without docstrings; nothing
else is changed. What it is told to show comes out of the same line, as text that no host takes for a message.
"""

from __future__ import annotations

import ast
import asyncio
import errno
import os
import pty
import re
import tty
from collections.abc import Iterator

from tests.peers.install import apt
from tests.support import ROOT

PACKAGES = ("firmware-microbit-micropython", "qemu-system-arm")
FIRMWARE = "/usr/share/firmware-microbit-micropython/firmware.hex"
PROTOCOL = ROOT / "firmware_bridge/console/protocol.py"
BOARD = """
import gc
from microbit import uart, running_time
def say(*words):
 uart.write('#'+' '.join(words)+'\\n')
class Desk(Board):
 def lamps(self, modes):
  say('lamps', *sorted([n+'='+modes[n] for n in modes if modes[n]!='off']))
 def ring(self, on):
  say('ring', str(on))
 def show(self, row, text):
  if row>2: raise ValueError
  say('row', str(row), text)
 def host_lost(self):
  say('lost')
def serve():
 console=Console('keys=1,2,3,4,5,6,7,8,9,hook lamps=off_hook,ring,mute lcd=2x16 ringer=1 name=bit',Desk())
 key=None
 say('up')
 while True:
  rest=bytearray()
  for byte in uart.read() or b'':
   if byte==1: key=''
   elif key is None: rest.append(byte)
   elif byte==59:
    console.key(key[1:],key[0]=='+')
    key=None
   else: key+=chr(byte)
  console.feed(rest,running_time())
  out=console.advance(running_time())
  if out: uart.write(out)
uart.init(115200)
"""
"""The board around the protocol: keys come as byte 1, + or -, name, semicolon."""
NEXT_LINE = b"\r\n=== "
"""What paste mode says when a line was typed."""
TYPED = 24
"""Bytes typed at once: the board's input has room for 64."""
PUMP_S = 0.002
PATIENCE_S = 30.0


def pieces(source: str) -> Iterator[str]:
    """A module's statements one by one, classes method by method, without docstrings and annotations."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            bases = ",".join(ast.unparse(base) for base in node.bases)
            yield f"class {node.name}({bases}):\n pass\n"
            for method in methods:
                yield f"{_bare(method)}\n{node.name}.{method.name}={method.name}\ndel {method.name}\n"
        elif not isinstance(node, ast.Expr):
            yield _bare(node) + "\n"


def _bare(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef):
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
    text = ast.unparse(node)
    return re.sub(r"^( +)", lambda found: " " * (len(found[1]) // 4), text, flags=re.MULTILINE)


class MicroBit:
    """A micro:bit on a pty; `shown` is the last of each part that it was told to show."""

    def __init__(self) -> None:
        apt(*PACKAGES)
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.shown: dict[str, str] = {}
        self.changed = asyncio.Event()
        self.damages_every = 0
        """Of every so manieth byte, both directions counted together, one bit is wrong; 0: of none."""
        self.damaged = 0
        self._bytes = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._master, self._from_host)
        self._to_board = bytearray()
        self._pumping: asyncio.TimerHandle | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._serving: asyncio.Task[None] | None = None
        self._line = b""

    async def start(self) -> None:
        """Power on, type the program in, run it."""
        qemu = (
            "qemu-system-arm",
            "-M",
            "microbit",
            "-display",
            "none",
            "-monitor",
            "none",
            "-serial",
            "stdio",
        )
        self._process = await asyncio.create_subprocess_exec(
            *qemu,
            "-device",
            f"loader,file={FIRMWARE}",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(PATIENCE_S):
            await self._pipes()[1].readuntil(b">>> ")
            for piece in ("import gc", *pieces(PROTOCOL.read_text(encoding="utf-8")), *pieces(BOARD)):
                await self._type(piece)
                await self._type("gc.collect()")
            await self._type("serve()", answer=b"#up")
        self.shown, self._line = {}, b""
        self._serving = asyncio.create_task(self._serve(), name="micro:bit")

    async def stop(self) -> None:
        """Power off."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])
            self._serving = None
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None
        self._to_board.clear()

    async def reset(self) -> None:
        """Power off and on again."""
        await self.stop()
        await self.start()

    async def aclose(self) -> None:
        """Take it away."""
        await self.stop()
        if self._pumping is not None:
            self._pumping.cancel()
        self._loop.remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def press(self, key: str) -> None:
        """A key goes down and up."""
        self._pump(f"\x01+{key};\x01-{key};".encode())

    async def until(self, **shown: str) -> None:
        """Wait until it shows this."""
        async with asyncio.timeout(PATIENCE_S):
            while not shown.items() <= self.shown.items():
                self.changed.clear()
                await self.changed.wait()

    # typing ------------------------------------------------------------------------------------

    async def _type(self, piece: str, answer: bytes = b">>> ") -> None:
        """In paste mode, which echoes: what has come back has been taken."""
        said, heard = self._pipes()
        said.write(b"\x05")
        await heard.readuntil(NEXT_LINE)
        for line in piece.splitlines():
            for start in range(0, len(line), TYPED):
                part = line[start : start + TYPED].encode()
                said.write(part)
                await heard.readexactly(len(part))
            said.write(b"\r")
            await heard.readuntil(NEXT_LINE)
        said.write(b"\x04")
        told = await heard.readuntil(answer)
        assert b"Error" not in told, (piece, told)

    def _pipes(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        return process.stdin, process.stdout

    # the wire ----------------------------------------------------------------------------------

    async def _serve(self) -> None:
        _, heard = self._pipes()
        while data := await heard.read(256):
            self._read(data)
            try:
                os.write(self._master, self._damaged(data))
            except OSError as error:  # nobody reads, and the line is full: a real one loses bytes too
                if error.errno != errno.EAGAIN:
                    raise

    def _read(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            if not line.startswith(b"#"):
                continue
            part, _, rest = line[1:].decode().partition(" ")
            if part == "row":
                part, _, rest = f"row{rest[:1]}", "", rest[2:]
            if part == "lost":
                self.shown = {}
            self.shown[part] = rest
            self.changed.set()

    def _from_host(self) -> None:
        self._pump(self._damaged(os.read(self._master, 4096)))

    def _pump(self, data: bytes) -> None:
        self._to_board += data
        if self._pumping is None:
            self._pumping = self._loop.call_later(PUMP_S, self._pumped)

    def _pumped(self) -> None:
        part, self._to_board = self._to_board[:TYPED], self._to_board[TYPED:]
        if self._serving is not None:
            self._pipes()[0].write(bytes(part))
        self._pumping = self._loop.call_later(PUMP_S, self._pumped) if self._to_board else None

    def _damaged(self, data: bytes) -> bytes:
        damaged = bytearray(data)
        for place in range(len(data)):
            self._bytes += 1
            if self.damages_every and self._bytes % self.damages_every == 0:
                damaged[place] ^= 0x04
                self.damaged += 1
        return bytes(damaged)
