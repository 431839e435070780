"""`callseat devices check`: press each key when asked, and see whether it arrives.

May not answer, dial or end a call: `callseat.diagnosis.presses` holds the headset while it is checked.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from callseat.cli.door import connect
from callseat.cli.group import REFUSED
from callseat.cli.options import JsonFlag, SocketOption, print_json

STEP_S = 20.0
"""Long enough to find the key of a headset on one's head (ours)."""


def check(
    device: Annotated[
        str | None, typer.Argument(metavar="DEVICE", help="Which headset; left out: the only one.")
    ] = None,
    within_s: Annotated[
        float, typer.Option("--within", min=1, max=300, metavar="SECONDS", help="Wait so long for each key.")
    ] = STEP_S,
    socket: SocketOption = None,
    json: JsonFlag = False,
) -> None:
    """Press each key when asked, and see whether it arrives.

    Nothing is dialled or answered. Status 1: a key did not arrive, or a call is up.
    """

    def say(text: str) -> None:
        typer.echo(text, err=json)

    import asyncio

    from callseat.diagnosis.presses import check_headset

    async def main() -> dict[str, Any]:
        async with await connect(socket) as client:
            return await check_headset(client, device, say, within_s=within_s)

    told = asyncio.run(main())
    if json:
        print_json(told)
    if not told["ok"]:
        raise typer.Exit(REFUSED)
