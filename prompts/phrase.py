"""What a phrase is: its key, what is shown, what is said (element by element), and why.

May not hold words: each language keeps its own in `phrases_*.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Element(StrEnum):
    """What one part of an utterance does; a procedure prescribes which ones, and their order."""

    GREETING = "greeting"
    CENTRE = "centre"
    CENTRE_AND_ROLE = "centre_and_role"
    STAFF_NUMBER = "staff_number"
    WELCOME = "welcome"
    OFFER = "offer"
    SORRY_TO_DISTURB = "sorry_to_disturb"
    REASON = "reason"
    NAME_CHECK = "name_check"
    APOLOGY = "apology"
    CANNOT_HEAR = "cannot_hear"
    WAIT_OR_OTHER_PHONE = "wait_or_other_phone"
    CALL_AGAIN = "call_again"
    SYMPTOM = "symptom"
    """What is wrong with the customer's sound, named without reproach."""
    LOUDER = "louder"
    ASK_HANDS_FREE = "ask_hands_free"
    SWITCH_OFF = "switch_off"
    MOVE_OR_OTHER_PHONE = "move_or_other_phone"
    SOLUTION = "solution"
    UNDERSTOOD = "understood"
    ANYTHING_ELSE = "anything_else"
    THANKS = "thanks"
    WISH = "wish"
    GOODBYE = "goodbye"
    OWN = "own"
    """A centre's own wording of a whole utterance: nothing is claimed about its parts."""


Say = tuple[tuple[Element, str], ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of one language; `say` is the utterance as (element, template) in order."""

    key: str
    show: str = ""
    say: Say = ()
    why: str = ""

    @property
    def elements(self) -> tuple[Element, ...]:
        """What the utterance does, in order."""
        return tuple(element for element, _ in self.say)


@dataclass(frozen=True, slots=True)
class Language:
    """All words of one language; `terms` are short words for facts and for the display."""

    name: str
    joiner: str
    phrases: tuple[Phrase, ...]
    terms: Mapping[str, str]
