"""docs/desktop-lines.md says what the tables say, and its call is one that works."""

from __future__ import annotations

import json
import re
from typing import Any

from callseat.api.line_params import MAX_CALLS
from callseat.api.methods import parse
from callseat.app_lines.book import MEMBERS, MOVES
from callseat.app_lines.line import COMMAND_S, MAX_PENDING
from callseat.app_lines.rate import BURST, PER_S
from callseat.app_lines.switch import MAX_LINES, MAX_NAMES
from callseat.app_lines.verbs import VERBS, details
from state.abilities import ABILITY
from state.commands import Dial, LineCommand, SendDigits, SetMute, Transfer
from state.words import CallState
from tests.callseat.app_lines.seat import LineSeat
from tests.callseat.runtime.seat_kit import run
from tests.docs.pages import blocks, page

PAGE = "docs/desktop-lines.md"
PROOFS = {CallState.IDLE: "over", CallState.CONNECTED: "connected", CallState.HELD: "held"}


def table(name: str) -> list[list[str]]:
    """The cells of one marked table, its head left out."""
    part = page(PAGE).split(f"<!-- {name} -->\n")[1].split("<!-- end -->")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in part.strip().splitlines()[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_the_reports_are_the_table() -> None:
    steps = set()
    for event, needs, may, when in table("reports"):
        word, *how = names(event)
        step = how[-1] if how else word
        steps.add(step)
        assert (set(names(needs)), set(names(may))) == tuple(map(set, MEMBERS[word]))
        if word == "muted":
            continue
        into = {before for before, after in MOVES[step].items() if before is not after}
        if "any state" in when:
            into, told = set(MOVES[step]), set(CallState) - {CallState.IDLE, CallState.FAILED}
        else:
            told = {
                CallState(state) for state in re.findall(r"\w+", when.split(":")[0].replace("new", "idle"))
            }
        assert told == into, step
    assert steps == {*MOVES, "muted"}


def test_the_commands_are_the_table() -> None:
    rows = {names(row[0])[0]: row[1:] for row in table("commands")}
    assert set(rows) == {verb.word for verb in VERBS.values()}
    samples: dict[type, LineCommand] = {
        Dial: Dial("1"), Transfer: Transfer("1"), SendDigits: SendDigits("1"), SetMute: SetMute(True)
    }  # fmt: skip
    for kind, verb in VERBS.items():
        members, capability, proof = rows[verb.word]
        carried = set(details(samples[kind])) if kind in samples else set()
        assert set(names(members)) - {"call"} == carried
        assert ("call" in names(members)) is (kind not in (Dial, SetMute))
        assert names(capability) == [ABILITY[kind]]
        if verb.proof in PROOFS:
            assert proof == f"the call is {PROOFS[verb.proof]}"
        elif verb.proof is None:
            assert proof.startswith("the app says so")


def test_the_limits_are_those_of_the_code() -> None:
    told = [cell for _, cell in table("limits")]
    rate = f"{BURST} at once, {PER_S:g} a second"
    assert told == [*map(str, (MAX_LINES, MAX_NAMES, MAX_CALLS, MAX_PENDING)), rate, f"{COMMAND_S:g}"]


def test_the_call_of_the_page_works() -> None:
    (example,) = [block for block in blocks(page(PAGE), "text") if block.startswith(">")]
    said = [(line[0], json.loads(line[2:])) for line in example.splitlines()]

    async def main() -> None:
        seat = LineSeat()
        answers: list[Any] = []
        for side, message in said:
            if side == ">":
                _, asked = parse(message["method"], message["params"])
                answers.append(seat.lines.ask(asked, "client-1"))
            elif "result" in message:
                assert answers[-1] == message["result"]
            else:
                seat.press(message["params"]["command"])
                assert seat.commands["client-1"][-1] == message["params"]
        assert seat.states() == {}

    run(main())
