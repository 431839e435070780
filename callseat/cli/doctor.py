"""`callseat doctor`: what keeps headsets or sound from working here, and what to do about it.

May not change anything, and works with or without a running seat, as its user or as a technician.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callseat.cli.group import REFUSED
from callseat.cli.options import ConfigOption, JsonFlag, SocketOption, print_json
from callseat.cli.text import table

if TYPE_CHECKING:
    from callseat.diagnosis import Facts, Finding
    from callseat.diagnosis.gather import Wanted
    from devices.models import ModelRegistry

SUBJECTS = ("devices", "audio")
ROOT = Path("/")


def add_to(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(doctor)


def doctor(
    subject: Annotated[
        str, typer.Argument(metavar="[devices|audio]", help="What to look at: headsets, or sound devices.")
    ] = "devices",
    config: ConfigOption = None,
    socket: SocketOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="audio: play two quiet sweeps to the ear without asking.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Find what keeps headsets, or sound, from working.

    devices: rights, rules, drivers, other programs, the seat itself. audio: sound server, sinks, names,
    levels; every stream is opened for a moment, and the headset tried with sound where somebody agrees.
    Status 1: there is something to fix.
    """
    if subject not in SUBJECTS:
        raise typer.BadParameter(f"nothing is known of {subject!r}; there is: {', '.join(SUBJECTS)}")
    if subject == "audio":
        from callseat.cli.sound import doctor_audio

        raise typer.Exit(doctor_audio(config, json=json, yes=yes))
    raise typer.Exit(report(look(socket, config)[0], json=json))


def look(socket: Path | None, config: Path | None, root: Path = ROOT) -> tuple[Facts, Wanted, ModelRegistry]:
    """The facts of this machine and its seat, what the configuration wants, the model records in force."""
    from callseat.cli.door import connect, socket_path
    from callseat.diagnosis.gather import gather
    from callseat.diagnosis.seat import ask_daemon, read_wanted

    daemon = ask_daemon(partial(connect, socket), socket_path(socket))
    wanted, models = read_wanted(config, daemon)
    return gather(wanted, daemon, models, pid=os.getpid(), root=root), wanted, models


def report(facts: Facts, *, json: bool = False) -> int:
    """Tell every finding; the exit status."""
    from callseat.diagnosis import Severity, judge

    findings = judge(facts)
    faults = sum(each.kind.severity is Severity.FAULT for each in findings)
    if json:
        told = [each.as_json() for each in findings]
        print_json({"ok": not faults, "findings": told, "nodes": nodes_json(facts), "daemon": _daemon(facts)})
    else:
        for line in _lines(facts, findings, faults):
            typer.echo(line)
    return REFUSED if faults else 0


def nodes_json(facts: Facts) -> list[dict[str, Any]]:
    """Every HID node, what it is good for, and who uses it or why nobody does."""
    return [
        {
            "node": str(each.node.path),
            "identity": each.node.identity,
            "name": each.node.name,
            "call_control": each.ability.call_control,
            "score": each.ability.score,
            "why": each.left if each.left and each.ability.call_control else each.ability.why,
            "used_by": each.device if each.attached else "",
        }
        for each in facts.nodes
    ]


def nodes_table(facts: Facts) -> str:
    """The same for a person."""
    rows = [
        [each["node"], each["identity"], each["name"], each["used_by"] or "-", each["why"]]
        for each in nodes_json(facts)
    ]
    return table(("node", "identity", "name", "used by", "why"), rows)


def _daemon(facts: Facts) -> dict[str, Any]:
    daemon = facts.daemon
    return {
        "reach": daemon.reach,
        "socket": str(daemon.socket),
        "pid": daemon.pid,
        "user": facts.person.name,
        "devices": sorted(daemon.devices),
    }


def _lines(facts: Facts, findings: tuple[Finding, ...], faults: int) -> Iterator[str]:
    yield nodes_table(facts) if facts.nodes else "no HID device is plugged in"
    for each in findings:
        yield ""
        yield f"{each.kind.severity} {each.kind.kind}: {each.place}"
        yield f"  {each.message}"
        yield f"  why:  {each.kind.why}"
        yield f"  next: {each.next_step}"
    yield ""
    notes = len(findings) - faults
    yield f"{faults} to fix, {notes} to know" if findings else "nothing is wrong"
