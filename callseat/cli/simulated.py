"""Play the customer, or the agent's hands, at a running seat whose devices are simulated.

May not reach a real device: the seat refuses where nothing is simulated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callseat.cli.door import ask, without_none
from callseat.cli.options import JsonFlag, SocketOption, print_json, subcommands

simulated = subcommands("simulated", "Play the customer at a simulated seat.")

OnLine = Annotated[str | None, typer.Option("--line", help="Which line; left out: the first simulated.")]
OnHeadset = Annotated[str | None, typer.Option("--headset", help="Which one; left out: the first simulated.")]
Wav = Annotated[Path, typer.Argument(help="A 16-bit mono WAV file of any rate.")]


def add_to(root: typer.Typer) -> None:
    """Add these commands."""
    root.add_typer(simulated)


@simulated.command("ring")
def _ring(
    number: Annotated[str, typer.Argument(help="Who calls; left out: the number is withheld.")] = "",
    name: Annotated[str, typer.Option(help="The caller's name, where the network tells it.")] = "",
    line: OnLine = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """A customer calls."""
    _act(socket, json, "ring", device=line, number=number, name=name)


@simulated.command("answer")
def _answer(line: OnLine = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Whom the seat dials picks up."""
    _act(socket, json, "answer", device=line)


@simulated.command("busy")
def _busy(line: OnLine = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """Whom the seat dials is busy."""
    _act(socket, json, "busy", device=line)


@simulated.command("hangup")
def _hangup(line: OnLine = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """The customer hangs up, or gives up."""
    _act(socket, json, "hangup", device=line)


@simulated.command("say")
def _say(file: Wav, line: OnLine = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """The customer says what is in a WAV file."""
    _act(socket, json, "say", device=line, file=str(file.absolute()))


@simulated.command("speak")
def _speak(file: Wav, line: OnLine = None, socket: SocketOption = None, json: JsonFlag = False) -> None:
    """The agent says what is in a WAV file."""
    _act(socket, json, "speak", device=line, file=str(file.absolute()))


@simulated.command("press")
def _press(
    button: Annotated[str, typer.Argument(help="hook, mute, a digit, or a key such as flash or reject.")],
    long: Annotated[bool, typer.Option("--long", help="Hold it down for two seconds.")] = False,
    headset: OnHeadset = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """The agent presses a key of the headset."""
    _act(socket, json, "press", device=headset, button=button, long=long)


@simulated.command("unplug")
def _unplug(
    device: Annotated[str | None, typer.Argument(help="Left out: the first headset.")] = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Pull a device's cable."""
    _act(socket, json, "unplug", device=device)


@simulated.command("plug")
def _plug(
    device: Annotated[str | None, typer.Argument(help="Left out: the first headset.")] = None,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Put a device's cable back."""
    _act(socket, json, "plug", device=device)


def _act(socket: Path | None, json: bool, act: str, **params: object) -> None:
    done = ask(socket, "simulated.act", {"act": act, **without_none(**params)})["act"]
    if json:
        print_json(done)
        return
    details = (f"{name} {value}" for name, value in done.items() if name != "act" and value != "")
    typer.echo(f"{done['act']}: {', '.join(details)}")
