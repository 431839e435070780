"""What an agent does with calls from a terminal: answer, dial, hold, mute, close, note; cues too.

May not decide which call is meant: without a name the seat's focus rule does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from callseat.cli.door import ask, without_none
from callseat.cli.options import CallArgument, JsonFlag, SocketOption, print_json, subcommands

cue = subcommands("cue", "The cue on show: again, stop, why.")


class Switch(StrEnum):
    """Set, never toggle."""

    ON = "on"
    OFF = "off"


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    for command in (
        answer, reject, hangup, hold, retrieve, swap, join, transfer, dial, digits, mute, closing, note,
    ):  # fmt: skip
        root.command()(command)
    root.add_typer(cue)


def answer(call: CallArgument = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Answer the ringing call."""
    _told("answered", ask(socket, "call.answer", without_none(call=call)), json)


def reject(call: CallArgument = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Refuse the ringing call."""
    _told("rejected", ask(socket, "call.reject", without_none(call=call)), json)


def hangup(call: CallArgument = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """End a call.

    Asked for too early by the procedure it is held back with a warning; asked again it goes through.
    """
    _told("hung up", ask(socket, "call.hangup", without_none(call=call)), json)


def hold(call: CallArgument = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Put the connected call on hold."""
    _told("on hold", ask(socket, "call.hold", without_none(call=call)), json)


def retrieve(call: CallArgument = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Take a held call back."""
    _told("retrieved", ask(socket, "call.retrieve", without_none(call=call)), json)


def swap(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Exchange the connected and the held call."""
    _told("swapped", ask(socket, "call.swap", {}), json)


def join(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Make one conference of the connected and the held call."""
    _told("joined", ask(socket, "call.join", {}), json)


def transfer(
    number: Annotated[
        str | None, typer.Argument(help="Where to; left out: connect the two calls with each other.")
    ] = None,
    call: CallArgument = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Send a call on and leave it."""
    _told("transferred", ask(socket, "call.transfer", without_none(number=number, call=call)), json)


def dial(
    number: Annotated[str, typer.Argument(help="Digits with *, #, a leading +, or a SIP address.")],
    line: Annotated[str | None, typer.Option(help="On this line; left out: the first in service.")] = None,
    customer: Annotated[str, typer.Option(help="Surname with title, said in the opening.")] = "",
    matter: Annotated[str, typer.Option(help="Why you call, said in the opening.")] = "",
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Call somebody."""
    params = without_none(number=number, line=line, customer=customer, matter=matter)
    _told("dialling", ask(socket, "call.dial", params), json)


def digits(
    keys: Annotated[str, typer.Argument(help="0-9, A-D, * and #; kept nowhere.")],
    call: CallArgument = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Send DTMF digits into the connected call."""
    _told("sent", ask(socket, "call.send_digits", without_none(digits=keys, call=call)), json)


def mute(
    switch: Annotated[Switch, typer.Argument(help="on: nobody hears you; off: live again.")],
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Mute the microphone, or make it live."""
    result = ask(socket, "device.set_mute", {"value": switch is Switch.ON})
    _told("muted" if switch is Switch.ON else "live", result, json)


def closing(call: CallArgument = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Tell that the closing words were said.

    From now on the customer hangs up first.
    """
    _told("closing", ask(socket, "call.begin_closing", without_none(call=call)), json)


def note(
    text: Annotated[str, typer.Argument(help="What the call was about.")] = "",
    category: Annotated[str, typer.Option(help="The centre's own word for its kind.")] = "",
    promise: Annotated[str | None, typer.Option(help="What was promised to the customer.")] = None,
    due: Annotated[str | None, typer.Option(help="By when, with --promise.")] = None,
    owner: Annotated[str, typer.Option(help="Who keeps the promise.")] = "agent",
    record: Annotated[str | None, typer.Option(help="Which record; left out: the newest call's.")] = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Write into a call's record.

    A note, a category, a promise made to the customer.
    """
    if not (text or category or promise):
        raise typer.BadParameter("nothing to write: give a text, --category or --promise")
    promised = without_none(promise_subject=promise, promise_due=due, record=record)
    result = ask(socket, "call.note", {"note": text, "category": category, "promise_owner": owner} | promised)
    if json:
        print_json(result)
        return
    made = f"; promise {result['promise']}" if result.get("promise") else ""
    typer.echo(f"noted in {result['record']}{made}")


@cue.command("repeat")
def _repeat(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Say and show the newest cue again."""
    _told("cue repeated", ask(socket, "cue.repeat"), json)


@cue.command("cancel")
def _cancel(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Stop the newest cue; it stays in the record."""
    _told("cue cancelled", ask(socket, "cue.cancel"), json)


@cue.command("why")
def _why(socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Why callseat tells you this, and why it is silent on the line."""
    result = ask(socket, "status.why")
    if json:
        print_json(result)
        return
    shown = result["cue"]
    typer.echo(f"{shown['text']}\n  why: {result['why']}" if shown else "no cue is on show")
    for call, silence in result["silence"].items():
        typer.echo(f"{call}: {silence['cause']} - {silence['evidence']}")


def _told(done: str, result: Any, json: bool) -> None:
    if json:
        print_json(result)
    else:
        typer.echo(f"{done} {result['call']}" if result.get("call") else done)
