"""The agent: signed in or not, ready or not, busy, after-call work.

May not own these states for the centre: the box reports and requests, a PBX or ACD may own them.
"""

from __future__ import annotations

from state.commands import SetNotReady, SignIn
from state.desk import Desk
from state.machine import Region
from state.rows import AgentRow
from state.tables import AGENT, AgentOn
from state.timers import Timer
from state.words import AgentState

_KEY = ("agent", "work")


class Agent(Region[AgentState]):
    """One per seat."""

    table = AGENT

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.since = 0.0
        self.reason = ""
        self.pending = ""
        self._return_to_ready = False
        self._leaving = False

    def has_work(self) -> bool:
        """After-call work is time the centre gives by itself."""
        return self.desk.settings.after_call_work_s > 0

    def wants_out(self) -> bool:
        """Signing out was asked for during the call."""
        return self._leaving

    def wants_not_ready(self) -> bool:
        """The agent was not ready before, or asked to be."""
        return not self._return_to_ready

    def sign_in(self) -> None:
        """Somebody sits down."""
        command = self.payload
        self.desk.agent = command.agent if isinstance(command, SignIn) else None
        self.reason = ""
        self.enter()

    def sign_out(self) -> None:
        """The seat is empty."""
        self.reason = ""
        self.enter()
        self.desk.agent = None
        self._leaving = False

    def enter(self) -> None:
        """A new state begins, and is recorded."""
        self.since = self.desk.at
        if self.state is AgentState.READY:
            self.reason = ""
        if self.state is not AgentState.BUSY:
            self.pending = ""
        row = AgentRow(self.desk.stamp(), self.desk.agent, self.state.value, self.reason)
        self.desk.record(row)
        self.desk.publish(f"agent.{self.state.value}", agent=self.desk.agent, reason=self.reason)

    def keep_reason(self) -> None:
        """Why the agent is not ready, in the centre's words."""
        command = self.payload
        self.reason = command.reason if isinstance(command, SetNotReady) else ""

    def return_to_ready(self) -> None:
        """After the call: ready."""
        self._return_to_ready = True
        self._leaving = False
        self.pending = AgentState.READY if self.state is AgentState.BUSY and self.payload else ""

    def return_to_not_ready(self) -> None:
        """After the call: not ready."""
        self._return_to_ready = False
        self._leaving = False
        self.pending = AgentState.NOT_READY if self.state is AgentState.BUSY and self.payload else ""

    def pend_sign_out(self) -> None:
        """After the call: gone."""
        self._leaving = True
        self.pending = AgentState.LOGGED_OUT

    def begin_work(self) -> None:
        """After-call work ends by itself."""
        deadline = self.desk.at + self.desk.settings.after_call_work_s
        self.desk.timers.set(_KEY, Timer(deadline, self._work_done))

    def end_work(self) -> None:
        """After-call work ended early."""
        self.desk.timers.cancel(_KEY)

    def _work_done(self) -> None:
        self.fire(AgentOn.WORK_DONE)
        self.desk.changed = True
