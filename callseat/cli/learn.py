"""`callseat devices learn`: a headset nobody has seen is taught, step by step, at the device.

May not change what the seat does: while a seat runs, the lesson holds the headset's lease, so that its keys
do nothing else; without a seat it opens the node alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callseat.cli.devices import devices
from callseat.cli.group import REFUSED
from callseat.cli.options import JsonFlag, SocketOption, print_json
from state.errors import ConfigError, TransportError, TransportReason

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from callseat.learning import Keepsake
    from callseat.runtime.headsets import HidSystem
    from devices.hid.lesson import Answer, Lesson, Prompt
    from devices.hid.lesson_script import Mismatch
    from devices.models.record import ModelRecord
    from firmware_bridge.inventory import HidNode
    from firmware_bridge.tape import Entry
    from firmware_bridge.transport import Transport
    from state.events import CivilTimeKnown

APP = "callseat devices learn"
INTERRUPTED = 130
KEYS = {"": "skip", "r": "repeat", "y": "yes", "n": "no", "q": "stop"}
"""What a line of the technician means; `是`, `否` and `重` are taken too."""
WORDS = {"是": "y", "否": "n", "重": "r"}
HELP = {
    "zh": "回车跳过，r 重做，y/n 回答，q 结束",
    "en": "Enter skips, r repeats, y/n answers, q ends",
}


Lease = Callable[["HidNode"], AbstractAsyncContextManager[None]]
"""Keeps the keys of a headset from doing anything at the seat while it is taught."""


class Language(StrEnum):
    """The language of the prompts."""

    ZH = "zh"
    EN = "en"


def add_to(_root: typer.Typer) -> None:
    """Add the command to `devices`, which the root has already."""
    devices.command("learn")(_learn)


def _learn(
    headset: Annotated[
        str | None,
        typer.Argument(metavar="[NODE|IDENTITY]", help="/dev/hidrawN, or vid:pid[:serial:place]."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; left out: learned/VVVV-PPPP.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the prompts.")] = Language.ZH,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="DIR", help="Only hold what an earlier lesson left against itself."),
    ] = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Teach callseat a headset: press each control as you are told, about two minutes.

    Leaves the model's record, its report descriptor, a tape and a press script. Without a terminal, or with
    --json, every prompt is one JSON object on a line, and answers are lines on standard input.
    """
    if check is not None:
        _check(check, json=json)
        return
    import asyncio

    from callseat.api.errors import RequestError
    from callseat.cli.doctor import look
    from callseat.diagnosis.facts import Reach
    from callseat.runtime.headsets import HidSystem

    facts, _, registry = look(socket, None)
    if facts.daemon.message and facts.daemon.reach is not Reach.ABSENT:
        raise TransportError(TransportReason.DENIED, facts.daemon.message)
    calls = facts.daemon.snapshot.get("calls", {})
    if calls:
        raise RequestError("busy", f"a call is up ({', '.join(calls)}): learn when it is over")
    attached = {each.node.identity: each.device for each in facts.nodes if each.attached}

    def lease(node: HidNode) -> AbstractAsyncContextManager[None]:
        device = attached.get(node.identity)
        return nullcontext() if device is None else lease_of(socket, device)

    plain = json or not sys.stdin.isatty()
    teller = _tell_json(lang) if plain else _tell_text(lang)
    try:
        told = asyncio.run(learn(HidSystem(registry=registry), headset, out, teller, lease))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    _report(told, json=plain)


def _report(told: dict[str, Any], *, json: bool) -> None:
    """What came of a lesson or a check; status 1 where the record does not explain the tape."""
    if json:
        print_json(told, one_line=True)
    else:
        for line in _lines(told):
            typer.echo(line)
    if told["mismatches"]:
        raise typer.Exit(REFUSED)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['folder']}: {told['record']['name']}"
    yield from (f"  {field}: {why}" for field, why in told["record"]["evidence"].items())
    yield from (f"  note: {note}" for note in told["notes"])
    for wrong in told["mismatches"]:
        yield f"  {wrong['step']}: expected {wrong['expected']}, the engine gave {wrong['got']}"
    if told["mismatches"]:
        yield "  the record does not explain these steps: repeat the lesson, or send in the folder"
    else:
        yield "  the record explains every step of the tape"


def _tell_text(lang: Language) -> Callable[[Prompt], None]:
    typer.echo(HELP[lang])

    def tell(prompt: Prompt) -> None:
        limit = f" ({prompt.limit_s:g} s)" if prompt.limit_s else ""
        mark = "  " if prompt.kind == "heard" else "> "
        typer.echo(f"{mark}{prompt.zh if lang is Language.ZH else prompt.en}{limit}")

    return tell


def _tell_json(lang: Language) -> Callable[[Prompt], None]:
    def tell(prompt: Prompt) -> None:
        text = prompt.zh if lang is Language.ZH else prompt.en
        told = {"kind": prompt.kind.value, "step": prompt.step, "text": text, "limit_s": prompt.limit_s}
        print_json(told, one_line=True)
        sys.stdout.flush()

    return tell


# the lesson ------------------------------------------------------------------------------------


async def learn(
    system: HidSystem,
    named: str | None,
    out: Path | None,
    tell: Callable[[Prompt], None],
    lease: Lease,
    answers: asyncio.Queue[Answer] | None = None,
) -> dict[str, Any]:
    """Hold the lesson, write what it leaves, and say what came of it."""
    import asyncio

    from callseat.learning import Classroom, check_learned, write_learned
    from devices.hid.descriptor import parse_descriptor
    from devices.hid.lesson import Lesson

    node = pick_node(await asyncio.to_thread(system.list_nodes), named, system)
    before = _record_before(node, system)
    descriptor = parse_descriptor(node.descriptor)
    lesson = Lesson(descriptor, before)
    if answers is None:
        answers = asyncio.Queue()
        _listen(answers)
    async with lease(node):
        transport = await _open(system, node)
        room = Classroom(node.identity, transport, lesson, tell)
        try:
            await room.hold(answers)
        finally:
            await transport.aclose()
    folder = out or Path("learned") / f"{node.vendor_id:04x}-{node.product_id:04x}"
    kept = _kept(lesson, node, before, tuple(room.tape))
    await asyncio.to_thread(write_learned, folder, kept)
    record, wrong = await asyncio.to_thread(check_learned, folder)
    return _told(folder, record, kept.learned.notes, wrong)


def _told(
    folder: Path, record: ModelRecord, notes: tuple[str, ...], wrong: tuple[Mismatch, ...]
) -> dict[str, Any]:
    return {
        "kind": "result",
        "folder": str(folder),
        "record": asdict(record),
        "notes": list(notes),
        "mismatches": [asdict(each) for each in wrong],
    }


def _check(folder: Path, *, json: bool) -> None:
    from callseat.learning import check_learned

    record, wrong = check_learned(folder)
    _report(_told(folder, record, (), wrong), json=json)


def _kept(lesson: Lesson, node: HidNode, before: ModelRecord, tape: tuple[Entry, ...]) -> Keepsake:
    from callseat import clock
    from callseat.learning import TAPE, Keepsake
    from devices.hid.descriptor import parse_descriptor
    from devices.hid.lesson_findings import conclude
    from devices.hid.lesson_script import write_script

    day = _today(clock.SystemCivilClock().read(clock.now()))
    where = node.serial or node.place or node.path.name
    diary = lesson.diary()
    learned = conclude(diary, before, f"learned {day} on {where}: tape {TAPE}")
    script = write_script(diary, parse_descriptor(node.descriptor), learned.record)
    source = f"{APP}, {day}, descriptor as the kernel gives it for {node.identity}"
    return Keepsake(learned, node.descriptor, tape, script, source)


def _today(known: CivilTimeKnown) -> str:
    from datetime import UTC, datetime, timedelta

    local = datetime.fromtimestamp(known.wall_s, UTC) + timedelta(seconds=known.utc_offset_s)
    return f"{local:%Y-%m-%d}"


def _record_before(node: HidNode, system: HidSystem) -> ModelRecord:
    """What is known of the model already, else only who it is."""
    from devices.models.record import ModelRecord

    known = system.registry.find(node.vendor_id, node.product_id)
    name = node.name.strip()[:80] or "headset"
    return known or ModelRecord(name=name, vendor_id=node.vendor_id, product_id=node.product_id)


def pick_node(nodes: tuple[HidNode, ...], named: str | None, system: HidSystem) -> HidNode:
    """The node meant: by path, by identity or its beginning, or the only one that has call controls."""
    from callseat.runtime.headsets import judge

    if named is not None:
        chosen = [node for node in nodes if named in {str(node.path), node.path.name, node.identity}]
        chosen = chosen or [node for node in nodes if node.identity.startswith(named.lower() + ":")]
    else:
        chosen = [node for node in nodes if judge(node, system.registry).usable]
    if len(chosen) == 1:
        return chosen[0]
    there = "; ".join(f"{node.path} {node.identity} {node.name}" for node in (chosen or nodes))
    if not there:
        raise ConfigError("no HID device is plugged in: plug the headset in and try again")
    if not chosen:
        what = "has call controls" if named is None else f"is {named}"
        raise ConfigError(f"no HID device {what}; name one of: {there}")
    raise ConfigError(f"which headset? name one of: {there}")


async def _open(system: HidSystem, node: HidNode) -> Transport:
    try:
        return await system.open_node(node)
    except TransportError as error:
        if error.reason is not TransportReason.DENIED:
            raise
        message = (
            f"{error}: you may not read and write {node.path}; `callseat doctor devices` names the right"
        )
        raise TransportError(error.reason, message) from None


@asynccontextmanager
async def lease_of(socket: Path | None, device: str) -> AsyncIterator[None]:
    """Have a headset to ourselves: the running seat neither hears it nor writes to it meanwhile."""
    from callseat.api.errors import RequestError
    from callseat.cli.door import connect

    async with await connect(socket) as client:
        try:
            await client.call("headset.acquire", {"device": device, "app": APP, "hands_off": True})
        except RequestError as error:
            if error.kind != "held":
                raise
            message = f"{device}: {error}; end that program, or let it release the headset"
            raise RequestError("held", message) from None
        yield


def _listen(answers: asyncio.Queue[Answer]) -> None:
    """Lines of standard input become answers, read by a thread that ends with the process."""
    import asyncio
    import threading
    from contextlib import suppress

    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            answer = answer_of(line)
            if answer is None:
                continue
            with suppress(RuntimeError):  # the lesson is over and its loop closed
                loop.call_soon_threadsafe(answers.put_nowait, answer)

    threading.Thread(target=read, name="answers", daemon=True).start()


def answer_of(line: str) -> Answer | None:
    """What a line of the technician means; None for one that means nothing."""
    from devices.hid.lesson import Answer

    word = line.strip().lower()
    key = KEYS.get(WORDS.get(word, word))
    return None if key is None else Answer(key)
