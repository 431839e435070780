"""The cues that are true now: which one is shown, and what the agent's ear or the line is told.

May not decide when a cue is due; `state` does. Words come from the phrasebook, turns from the arbiter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from prompts.arbiter import Arbiter, Decisions, Dropped, Offer
from prompts.phrasebook import Context, Phrasebook, Words
from state.cues import Cue, CueId
from state.effects import Effect, PlayPrompt, PreparePrompt, Publish
from state.ids import CallId, LineId, PromptId
from state.snapshot import CueView
from state.words import Audience, Channel, Urgency

_SHOWN_S = {CueId.COMMAND_FAILED: 10.0, CueId.SPEAKING_WHILE_MUTED: 5.0}
"""Cues about a moment leave the display by themselves (ours); others leave when they are no longer true."""
_HINT_SHOWN_S = 20.0
"""A hint is read and done with sooner than what it is about is over (ours)."""


@dataclass(frozen=True, slots=True)
class _Shown:
    view: CueView
    urgency: Urgency
    play: PlayPrompt
    line: LineId | None
    until: float | None


class CueBoard:
    """Everything the agent or a line is being told."""

    def __init__(self, phrasebook: Phrasebook, language: str, warning_s: float, speak: bool) -> None:
        self._phrasebook = phrasebook
        self._language = language
        self._shown_s = {**_SHOWN_S, CueId.HANG_UP_TOO_EARLY: warning_s}
        self._speak = speak
        self._arbiter = Arbiter()
        self._board: list[_Shown] = []
        self._prompts = 0
        self._line_prompts: dict[PromptId, LineId] = {}
        self._next: float | None = None
        self.current: CueView | None = None

    def give(self, cue: Cue, context: Context, line: LineId | None) -> list[Effect]:
        """Put a cue into words: shown and said to the agent, or spoken to the line."""
        words = self._phrasebook.words(cue, context)
        self._prompts += 1
        play = PlayPrompt(
            PromptId(f"p{self._prompts}"),
            cue.audience,
            words.key_for(cue.audience),
            words.text_for(cue.audience),
            self._language,
            line,
        )
        if cue.audience is Audience.LINE and line is not None:
            self._line_prompts[play.prompt] = line
        self._show(cue, words, play, line)
        told = Publish("cue.given", _told(cue, words))
        offered = self._offer(cue.urgency, cue.call, play, line, cue.at)
        return [told, *offered]

    def prepare(self, cue: Cue, context: Context) -> Effect:
        """Have the words of a cue to the line made ready before they are due."""
        words = self._phrasebook.words(cue, context)
        return PreparePrompt(words.key_for(cue.audience), words.text_for(cue.audience), self._language)

    def repeat(self, at: float) -> tuple[bool, list[Effect]]:
        """Say the newest cue again; False where there is none."""
        shown = self._top()
        if shown is None:
            return False, []
        self._prompts += 1
        play = replace(shown.play, prompt=PromptId(f"p{self._prompts}"), audience=Audience.AGENT)
        return True, self._offer(Urgency.ALERT, shown.view.call, play, shown.line, at)

    def cancel(self, at: float) -> tuple[bool, list[Effect]]:
        """Take the cue off the display and stop its prompt; False where there is none."""
        shown = self._top()
        if shown is not None:
            self._board.remove(shown)
            self._refresh()
        return shown is not None, self._effects(self._arbiter.cancel(at))

    def withdraw(self, call: CallId | None, prefix: str, at: float) -> list[Effect]:
        """Cues of a call that are no longer true leave; with no prefix the whole call does."""
        self._board = [s for s in self._board if s.view.call != call or not s.view.id.startswith(prefix)]
        self._refresh()
        if prefix or call is None:
            return []
        return self._effects(self._arbiter.lose_call(call, at))

    def speech(self, channel: Channel, line: LineId, speaking: bool, at: float) -> list[Effect]:
        """An edge of speech on a line."""
        return self._effects(self._arbiter.speech(channel, line, speaking, at))

    def forget_line(self, line: LineId, at: float) -> list[Effect]:
        """A line is not listened to any more."""
        return self._effects(self._arbiter.forget_line(line, at))

    def started(self, prompt: PromptId, at: float) -> list[Effect]:
        """A prompt's first sample is out."""
        return self._effects(self._arbiter.started(prompt, at))

    def finished(self, prompt: PromptId, at: float) -> list[Effect]:
        """A prompt is over, or failed."""
        self._line_prompts.pop(prompt, None)
        return self._effects(self._arbiter.finished(prompt, at))

    def line_of(self, prompt: PromptId) -> LineId | None:
        """The line a prompt under way is for; None where it is for the agent's ear."""
        return self._line_prompts.get(prompt)

    def advance(self, at: float) -> list[Effect]:
        """Let time pass: cues about a moment leave, waiting prompts begin."""
        if self._next is None or at < self._next:
            return []
        left = [s for s in self._board if s.until is None or s.until > at]
        if len(left) != len(self._board):
            self._board = left
            self._refresh()
        return self._effects(self._arbiter.advance(at))

    def next_deadline(self) -> float | None:
        """When `advance` has something to do."""
        return self._next

    def _look_ahead(self) -> None:
        """Asked at every event and changed by few: the next deadline is kept."""
        deadlines = [s.until for s in self._board if s.until is not None]
        arbiter = self._arbiter.next_deadline()
        if arbiter is not None:
            deadlines.append(arbiter)
        self._next = min(deadlines, default=None)

    def _offer(
        self, urgency: Urgency, call: CallId | None, play: PlayPrompt, line: LineId | None, at: float
    ) -> list[Effect]:
        if not play.text or (play.audience is Audience.AGENT and not self._speak):
            return []
        script = play.phrase.startswith(("silent.", CueId.OPENING.value))
        return self._effects(self._arbiter.offer(Offer(play, urgency, call, line, script), at))

    def _show(self, cue: Cue, words: Words, play: PlayPrompt, line: LineId | None) -> None:
        told = words.show, words.say, words.why
        view = CueView(cue.id.value, cue.at, cue.call, *told, cue.repeat, cue.basis)
        self._board = [s for s in self._board if s.view.call != cue.call or s.view.id != cue.id]
        shown_s = self._shown_s.get(cue.id, _HINT_SHOWN_S if cue.urgency is Urgency.HINT else None)
        until = None if shown_s is None else cue.at + shown_s
        self._board.append(_Shown(view, cue.urgency, play, line, until))
        self._refresh()

    def _top(self) -> _Shown | None:
        """The most urgent cue, the newest of those."""
        return max(self._board, key=lambda s: (s.urgency, s.view.at), default=None)

    def _refresh(self) -> None:
        top = self._top()
        self.current = top.view if top is not None else None
        self._look_ahead()

    def _effects(self, decisions: Decisions) -> list[Effect]:
        effects: list[Effect] = []
        for decision in decisions:
            if isinstance(decision, Dropped):
                self._line_prompts.pop(decision.prompt, None)
                data: dict[str, object] = {"prompt": decision.prompt, "reason": decision.reason}
                effects.append(Publish("prompt.dropped", data))
            else:
                effects.append(decision)
        self._look_ahead()
        return effects


def _told(cue: Cue, words: Words) -> dict[str, object]:
    return {
        "cue": cue.id,
        "call": cue.call,
        "audience": cue.audience,
        "text": words.show,
        "say": words.say,
        "why": words.why,
        "repeat": cue.repeat,
        "basis": cue.basis,
    }
