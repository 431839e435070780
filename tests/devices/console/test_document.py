"""docs/console-protocol.md against the code: the dialogue is played, times and limits are compared."""

from __future__ import annotations

import re

import pytest

from devices.console import engine, framing, messages, outbox
from devices.console.framing import Framer
from devices.console.keys import LONG_S
from devices.console.text import Charset
from devices.simulated import console as simulated
from devices.simulated.console import ConsoleFaults, ConsoleKit, SimulatedConsole
from firmware_bridge.console import protocol
from state.commands import Lamps, SetDisplay, SetLamps
from state.words import Button
from tests.devices.console.rig import Wire
from tests.docs.pages import inline, marked, page, rows

PAGE = "docs/console-protocol.md"
KIT = ConsoleKit(keys=("1", "2", "3", "hook"), lamps=("off_hook", "ring"), name="desk")
PAGE_TEXT = page(PAGE)


class Taped(Wire):
    """A wire that writes down who says what."""

    def __init__(self, console):
        self.tape = []
        super().__init__(console)

    def host(self, step):
        self.tape += [f"> {write.data.decode().rstrip()}" for write in step.writes]
        super().host(step)

    def device(self, step):
        self.tape += [f"< {write.data.decode().rstrip()}" for write in step.writes]
        super().device(step)


def dialogue():
    """What the page's example says happens."""
    console = SimulatedConsole(KIT, faults=ConsoleFaults(boot_s=0.5))
    console.reset(0.0)
    wire = Taped(console)
    wire.run(0.7)
    wire.tape.append("")
    wire.ask(SetLamps(Lamps(ring=True)))
    wire.ask(SetDisplay(("Ringing 110",)))
    wire.run(0.2)
    wire.tape.append("")
    wire.device(wire.console.press("hook", wire.at))
    wire.run(0.05)
    wire.ask(SetLamps(Lamps(off_hook=True)))
    wire.ask(SetDisplay(("On call 110",)))
    wire.run(0.3)
    wire.tape.append("")
    wire.device(wire.console.reset(wire.at))
    wire.run(0.7)
    wire.tape.append("")
    wire.run(engine.PING_S)
    return "\n".join(wire.tape)


def test_the_dialogue_is_what_happens():
    assert marked(PAGE, "dialogue").strip("`\n").removeprefix("text\n").rstrip() == dialogue().rstrip()


def test_every_line_shown_has_its_checksum():
    shown = re.findall(r"\$[0-9A-F]{2} [^\n`]*\*[0-9A-F]{4}", page(PAGE))
    assert len(shown) > 20
    framer = Framer()
    assert [line for line in shown if not framer.feed(line.encode() + b"\n")] == []


def test_the_checksum_example():
    assert f"`{framing.checksum(b'123456789'):04X}`" in page(PAGE)
    assert protocol.crc16(b"123456789") == framing.checksum(b"123456789")


def test_the_times_are_those_of_the_code():
    said = {row[0]: row[1] for row in rows(PAGE_TEXT, "States") if len(row) == 3}
    assert said["answer"] == f"{protocol.ACK_MS} ms" == f"{outbox.ACK_S * 1000:g} ms"
    assert said["tries"] == str(protocol.TRIES) == str(outbox.TRIES)
    assert said["PING"] == f"{engine.PING_S:g} s"
    assert said["host lost"] == f"{protocol.HOST_LOST_MS // 1000} s" == f"{simulated.HOST_LOST_S:g} s"
    assert said["console gone"] == f"{engine.GONE_S:g} s"
    assert f"after {LONG_S:g} s as a long press" in PAGE_TEXT


def test_the_limits_are_those_of_the_code():
    fields = {row[0].strip("`"): row for row in rows(PAGE_TEXT, "Fields of HELLO") if len(row) == 4}
    assert str(messages.KEYS_MAX) in fields["keys"][2]
    assert str(messages.LAMPS_MAX) in fields["lamps"][2]
    assert f"{messages.ROWS_MAX} rows, {messages.COLUMNS_MAX} columns" == fields["lcd"][2]
    assert str(messages.NAME_MAX) in fields["name"][2]
    assert fields["charset"][1] == " or ".join(f"`{each.value}`" for each in Charset)
    assert f"more than {framing.LINE_MAX}" in PAGE_TEXT.replace("\n", " ")
    assert framing.LINE_MAX == protocol.LINE_MAX


def test_every_name_of_a_key_and_lamp_is_there():
    named = set(inline(PAGE_TEXT))
    assert {button.value for button in Button} | set(messages.LAMPS) <= named


@pytest.mark.parametrize("verb", sorted(messages.OF_HOSTS | messages.OF_CONSOLES))
def test_every_message_is_described(verb):
    assert any(verb in row[0] for row in rows(PAGE_TEXT, "Messages"))
