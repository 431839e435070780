"""Spoilt tables that are whole, so that the checker accepts them, still change what the seat does."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import pytest

import state.seat
import state.watch
from state.agent import Agent
from state.chart import Because, Move, Stay, Table
from state.closing import Closing
from state.commands import BeginClosing, SignOut
from state.events import EffectFailed
from state.mute import Mute
from state.silent_call import SilentCall
from state.tables import AGENT, CLOSING, MUTE, SILENT, AgentOn, ClosingOn, MuteOn, SilentOn
from state.words import AgentState, Channel, ClosingState, MuteState, SilentState
from tests.state.chart_check import faults
from tests.state.driver import AUTO, Desk

Signature = tuple[object, ...]


def said_all(desk: Desk) -> None:
    """A silent call to its end."""
    desk.talks()
    for begin, end in ((1.0, 3.0), (8.5, 10.5), (16.0, 19.0)):
        desk.agent_speaks(begin, end)
    desk.runs_to(30.0)


def said_nothing(desk: Desk) -> None:
    """Nobody says anything."""
    desk.talks()
    desk.runs_to(20.0)


def said_too_early(desk: Desk) -> None:
    """An utterance begun before its cue, then coughs."""
    desk.talks()
    desk.agent_speaks(0.5, 2.5)
    desk.agent_speaks(7.0, 9.0)
    desk.agent_speaks(15.0, 15.4)
    desk.runs_to(30.0)


def answered_late(desk: Desk) -> None:
    """The customer speaks in the second wait."""
    desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.agent_speaks(8.5, 10.5)
    desk.customer_speaks(12.0, 12.3)
    desk.runs_to(30.0)


def muted_between(desk: Desk) -> None:
    """Muted in the first wait, and hung up twice."""
    call = desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.runs_to(4.0)
    desk.hooks(off=False)
    desk.mutes()
    desk.runs_to(10.0)
    desk.mutes(muted=False)
    desk.runs_to(16.0)
    desk.hooks(off=False)
    desk.clears(call)


def closed(desk: Desk) -> None:
    """A conversation closed by the book, with a sign-out that waits for it, and muted to its end."""
    call = desk.talks()
    desk.customer_speaks(0.5, 2.0)
    desk.runs_to(3.0)
    desk.asks(BeginClosing())
    desk.asks(SignOut())
    desk.suspects(Channel.FAR, 4.0)
    desk.dismisses(Channel.FAR, 4.2)
    desk.mutes()
    desk.runs_to(14.0)
    desk.hooks(off=False)
    desk.clears(call)
    desk.runs(60.0)


def failed_while_speaking(desk: Desk) -> None:
    """The box cannot speak the second stage while the agent is saying something else."""
    desk.talks()
    desk.agent_speaks(1.0, 3.0)
    desk.agent_speaks(8.2, 11.0)
    desk.runs_to(9.0)
    ((_, play),) = desk.line_prompts()
    desk.tell(EffectFailed(9.0, "executor", "PlayPrompt", play.prompt, "gone"))
    desk.runs_to(30.0)


SCENES = (said_all, said_nothing, said_too_early, answered_late, muted_between, closed, failed_while_speaking)


def signature() -> Signature:
    """What the world sees of every scene: cues with times, rows of calls and agent, lamps."""
    seen: list[object] = []
    for scene in SCENES:
        desk = Desk(AUTO if scene is failed_while_speaking else None)
        scene(desk)
        seen.append((desk.cues(), desk.rows(), desk.agent_rows(), desk.lamps(), desk.now.mute.value))
    return tuple(seen)


def spoilt(table: Table, state_: StrEnum, on: StrEnum, when: str = "", **changes: object) -> Table:
    """The table with one row changed."""
    rows = tuple(
        replace(row, **changes) if (row.state, row.on, row.when) == (state_, on, when) else row
        for row in table.rows
    )
    assert rows != table.rows
    return replace(table, rows=rows)


def dropped(table: Table, state_: StrEnum, on: StrEnum, when: str) -> Table:
    """The table without one guarded row."""
    rows = tuple(row for row in table.rows if (row.state, row.on, row.when) != (state_, on, when))
    assert len(rows) == len(table.rows) - 1
    return replace(table, rows=rows)


def swapped(table: Table, state_: StrEnum, on: StrEnum, row: Move | Stay) -> Table:
    """The table with another decision in one cell."""
    kept = tuple(each for each in table.rows if (each.state, each.on) != (state_, on))
    return replace(table, rows=(*kept, row))


_S, _ON = SilentState, SilentOn
HEARD = ("hear_stage", "arm_wait")
MUTANTS: dict[str, tuple[type, Table]] = {
    "the last wait is swapped for another": (
        SilentCall,
        spoilt(SILENT, _S.STAGE_3, _ON.NEAR_UTTERANCE, "after_cue", do=("hear_stage", "arm_repeat_again")),
    ),
    "a wait is not armed": (
        SilentCall,
        spoilt(SILENT, _S.STAGE_2, _ON.NEAR_UTTERANCE, "after_cue", do=("hear_stage",)),
    ),
    "any utterance is the stage's": (
        SilentCall,
        swapped(
            SILENT, _S.STAGE_2, _ON.NEAR_UTTERANCE, Move(_S.STAGE_2, _ON.NEAR_UTTERANCE, _S.WAIT_2, HEARD)
        ),
    ),
    "a cough is an opening": (
        SilentCall,
        swapped(SILENT, _S.STAGE_2, _ON.NEAR_BLIP, Move(_S.STAGE_2, _ON.NEAR_BLIP, _S.WAIT_2, HEARD)),
    ),
    "the customer is not heard in the second wait": (
        SilentCall,
        swapped(SILENT, _S.WAIT_2, _ON.FAR_SPOKE, Stay(_S.WAIT_2, _ON.FAR_SPOKE, Because.ON)),
    ),
    "the opening is cued only once": (
        SilentCall,
        spoilt(SILENT, _S.OPENING_CUED, _ON.DUE, do=()),
    ),
    "a stage advances unspoken": (
        SilentCall,
        swapped(SILENT, _S.STAGE_2, _ON.DUE, Move(_S.STAGE_2, _ON.DUE, _S.WAIT_2, HEARD)),
    ),
    "a fault does not stop the clock": (
        SilentCall,
        spoilt(SILENT, _S.WAIT_1, _ON.CAUSE_LOST, do=()),
    ),
    "an early hang-up is let through": (
        SilentCall,
        swapped(SILENT, _S.WAIT_1, _ON.ASKED_HANG_UP, Stay(_S.WAIT_1, _ON.ASKED_HANG_UP, Because.ALLOWED)),
    ),
    "a breach is forgotten": (
        SilentCall,
        spoilt(SILENT, _S.STAGE_2, _ON.ASKED_HANG_UP, "warned", do=()),
    ),
    "the closing does not wait": (
        Closing,
        spoilt(CLOSING, ClosingState.TALKING, ClosingOn.CLOSING_SAID, do=()),
    ),
    "after the wait it is still the agent's breach": (
        Closing,
        spoilt(CLOSING, ClosingState.MAY_HANG_UP, ClosingOn.HANGING_UP, do=("agent_first",)),
    ),
    "a sign-out is not carried out": (
        Agent,
        dropped(AGENT, AgentState.AFTER_CALL_WORK, AgentOn.WORK_DONE, "wants_out"),
    ),
    "a mute outlives its call": (
        Mute,
        swapped(
            MUTE, MuteState.MUTED, MuteOn.CALL_ENDED, Stay(MuteState.MUTED, MuteOn.CALL_ENDED, Because.ON)
        ),
    ),
}
WHERE = {
    SilentCall: (state.watch, "SilentCall"),
    Closing: (state.watch, "Closing"),
    Agent: (state.seat, "Agent"),
    Mute: (state.seat, "Mute"),
}


@pytest.fixture(name="sound", scope="module")
def _sound() -> Signature:
    return signature()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_spoilt_table_is_noticed_by_what_the_seat_does(
    name: str, sound: Signature, monkeypatch: pytest.MonkeyPatch
) -> None:
    region, table = MUTANTS[name]
    assert faults(table, region) == [], "the checker alone would do: not a case for this test"
    module, attribute = WHERE[region]
    monkeypatch.setattr(module, attribute, type("Mutant", (region,), {"table": table}))
    assert signature() != sound


def test_the_scenes_themselves_are_repeatable(sound: Signature) -> None:
    assert signature() == sound
