"""`callseat status`: the seat as it is now, and why it says what it says.

May not be the seat's own display: this is for the person at a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from callseat.cli.door import ask_all
from callseat.cli.options import JsonFlag, SocketOption, print_json
from callseat.cli.text import GAP, age

Picture = Mapping[str, Any]
LABEL = 8
ABILITIES = ("answer", "reject", "hang_up", "dial", "hold", "retrieve", "digits", "mute", "waiting")
"""What a line of a desk phone usually can; what one cannot is told (`callseat devices list` has all)."""


def add_to(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(status)


def status(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """The seat as it is now, and why it says so.

    Agent, lines, devices, calls, mute, and the cue on show with its reason.
    """
    info, picture, why = ask_all(socket, ("server.info", {}), ("state.get", {}), ("status.why", {}))
    if json:
        print_json({"info": info, "snapshot": picture["snapshot"], "seq": picture["seq"], "why": why})
        return
    for line in (*described(picture["snapshot"], info["at"]), *_troubles(info)):
        typer.echo(line)


def described(snapshot: Picture, now: float) -> Iterator[str]:
    """The seat in lines; `now` is the daemon's own time."""
    yield _line("agent", _agent(snapshot, now))
    for each in snapshot["lines"].values():
        yield _line("line", _line_words(each))
        yield from (_line("", fault_words(fault, now)) for fault in each["faults"])
    if not snapshot["lines"]:
        yield _line("line", "none")
    for each in snapshot["devices"].values():
        yield _line("device", f"{each['device']} ({each['name']}), {lamps(each['lamps'])}")
    if not snapshot["devices"]:
        yield _line("device", "none attached")
    yield _line("mute", mute(snapshot["mute"]))
    for call in snapshot["calls"].values():
        yield from _call(call, snapshot["focus"], now)
    if not snapshot["calls"]:
        yield _line("call", "none")
    yield from _cue(snapshot, now)
    if snapshot["promises"]:
        yield _line("owed", f"{snapshot['promises']} to customers (`callseat records promises`)")


def lamps(shown: Picture) -> str:
    """The lamps that are lit."""
    lit = [name.replace("_", "-") for name, on in shown.items() if on]
    return "lamps: " + (", ".join(lit) or "all off")


def mute(shown: Picture) -> str:
    """Whether the agent can be heard, and who says so."""
    if shown["value"] == "unknown":
        return "unknown: no device says whether you can be heard"
    locked = ", locked at the device" if shown["locked"] else ""
    return f"{shown['value']} (says {shown['source'] or 'nobody'}, {shown['confidence']}{locked})"


def call_words(call: Picture, now: float) -> str:
    """One call in a few words."""
    who = call["number"] or "number withheld"
    name = f" {call['name']}" if call["name"] else ""
    waits = f", asked to {call['pending'].replace('_', ' ')}" if call["pending"] else ""
    adopted = ", adopted after a restart" if call["adopted"] else ""
    since = age(now - call["since"])
    return f"{call['call']} {call['direction']} {who}{name}: {call['state']} for {since}{waits}{adopted}"


def fault_words(fault: Picture, now: float) -> str:
    """One fault of a line's sound in a few words."""
    sure = f"{100.0 * fault['confidence']:.0f} % sure"
    name, since = fault["fault"].replace("_", " "), age(now - fault["since"])
    return f"sound, {fault['channel']}: {name} for {since} - {fault['evidence']} ({sure})"


def _call(call: Picture, focus: Picture, now: float) -> Iterator[str]:
    owns = [what for what in ("headset", "ringing", "guide") if focus.get(what) == call["call"]]
    yield _line("call", call_words(call, now) + (f" [{', '.join(owns)}]" if owns else ""))
    if call["state"] == "connected":
        spoke = "the customer has spoken" if call["customer_spoke"] else "the customer has not spoken yet"
        yield _line("", f"{spoke}; silent call: {call['silent']}; closing: {call['closing']}")
    if call.get("silence_cause"):
        since = age(now - call["silence_since"])
        yield _line("", f"silence: {call['silence_cause']} for {since} - {call['silence_evidence']}")


def _cue(snapshot: Picture, now: float) -> Iterator[str]:
    cue = snapshot.get("cue")
    if cue is None:
        yield _line("cue", "none")
        return
    guess = ", a guess" if cue["basis"] == "proposed" else ""
    yield _line("cue", f"{cue['text']}  ({cue['id']}, {age(now - cue['at'])} ago{guess})")
    if cue["say"]:
        yield _line("", f"say: {cue['say']}")
    yield _line("", f"why: {cue['why']}")


def _agent(snapshot: Picture, now: float) -> str:
    agent = snapshot["agent"]
    who = agent.get("agent")
    if who is None:
        return "nobody is signed in"
    reason = f" ({agent['reason']})" if agent["reason"] else ""
    later = f", then {agent['pending']}" if agent["pending"] else ""
    return f"{who}: {agent['state'].replace('_', ' ')}{reason} for {age(now - agent['since'])}{later}"


def _line_words(line: Picture) -> str:
    if not line["in_service"]:
        return f"{line['line']}: out of service ({line['reason'] or 'not answering'})"
    listened = "listened to" if line["listening"] else "not listened to now"
    missing = [ability.replace("_", " ") for ability in ABILITIES if ability not in line["capabilities"]]
    cannot = f"; cannot {', '.join(missing)}" if missing else ""
    return f"{line['line']}: in service, {listened}{cannot}"


def _troubles(info: Picture) -> Iterator[str]:
    for part in ("records", "journal"):
        if trouble := (info.get(part) or {}).get("trouble"):
            yield _line("trouble", f"{part}: {trouble}")
    for notice in (info.get("records") or {}).get("notices", ()):
        yield _line("notice", notice)


def _line(label: str, text: str) -> str:
    return f"{label:<{LABEL}}{GAP}{text}"
