"""The phrasebook: turns a cue into words, in a language, for a direction, a time and a centre.

May not read a file: a centre's own phrases are handed to `merge` as a mapping.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from prompts.choice import WEEKENDS, Calendar, greeting_key, local_time, wish_key
from prompts.names import allowed
from prompts.overrides import Overrides, apply
from prompts.phrase import Language, Phrase
from prompts.phrases_en import EN
from prompts.phrases_zh_cn import ZH_CN
from prompts.template import Template, parse, require
from state.cues import Cue, CueId
from state.events import CivilTimeKnown
from state.words import Audience, Direction

Facts = Mapping[str, str | float]

_TERM_FACTS = frozenset(("where", "evidence", "what", "reason"))
"""Facts whose values are words of the code: shown by the language's own term where it has one."""


@dataclass(frozen=True, slots=True)
class Context:
    """Whatever the words depend on besides the cue; empty means not known."""

    language: str = "zh-CN"
    centre_name: str = ""
    agent: str | None = None
    say_staff_number: bool = True
    customer_name: str = ""
    """Surname with title, as it is to be said."""
    matter: str = ""
    """Why an outbound call is made, as it is to be said."""
    civil: CivilTimeKnown | None = None
    calendar: Calendar = WEEKENDS


@dataclass(frozen=True, slots=True)
class Words:
    """A cue in words: shown to the agent, said to the customer, and why it is told."""

    phrase_key: str
    show: str
    say: str
    why: str

    def text_for(self, audience: Audience) -> str:
        """What a prompt says: the utterance to the line, the short instruction to the agent's ear."""
        return self.say if audience is Audience.LINE else self.show

    def key_for(self, audience: Audience) -> str:
        """The name a centre's recording goes by: one of the utterance is not one of the instruction."""
        return self.phrase_key if audience is Audience.LINE else f"{self.phrase_key}.ear"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One phrase with its templates parsed."""

    phrase: Phrase
    show: Template
    say: tuple[Template, ...]
    why: Template
    names: frozenset[str]


class Phrasebook:
    """All phrases of all languages; never changes, `merge` makes another."""

    def __init__(self, languages: tuple[Language, ...] = (ZH_CN, EN)) -> None:
        self._languages = {language.name: language for language in languages}
        self._entries = {
            language.name: {phrase.key: _entry(phrase) for phrase in language.phrases}
            for language in languages
        }
        self._cue_keys = {
            (name, cue, direction): _cue_key(entries, cue, direction)
            for name, entries in self._entries.items()
            for cue in CueId
            for direction in (*Direction, None)
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Names of the languages, the default first."""
        return tuple(self._languages)

    def keys(self, language: str) -> tuple[str, ...]:
        """Every phrase key of a language."""
        return tuple(self._entries[self.resolve(language)])

    def phrase(self, language: str, key: str) -> Phrase:
        """One phrase as it stands, for a list."""
        name = self.resolve(language)
        require(key, self._entries[name], "phrase")
        return self._entries[name][key].phrase

    def terms(self, language: str) -> Mapping[str, str]:
        """Short words of a language, for the display."""
        return MappingProxyType(self._languages[self._usable(language)].terms)

    def digest(self) -> str:
        """Changes with any word, so that a journal can name the phrasebook it ran with."""
        words = [(each.name, each.phrases, sorted(each.terms.items())) for each in self._languages.values()]
        return hashlib.sha256(repr(words).encode()).hexdigest()[:16]

    def resolve(self, language: str) -> str:
        """The language meant (`en-GB` is `en`, `zh` is `zh-CN`), or a ConfigError naming the nearest."""
        found = self._match(language)
        if found is None:
            require(language, self._languages, "language")
        return found or language

    def words(self, cue: Cue, context: Context) -> Words:
        """The words of a cue; a language that is not there falls back to the default, never to silence."""
        language = self._usable(context.language)
        key = self._cue_keys[language, cue.id, cue.direction]
        return self._render(language, key, context, cue.at, cue.facts)

    def render(self, key: str, context: Context, at: float = 0.0, facts: Facts | None = None) -> Words:
        """The words of any phrase by key: closing words, greetings, and every cue's variants."""
        language = self.resolve(context.language)
        require(key, self._entries[language], "phrase")
        return self._render(language, key, context, at, facts or {})

    def merge(self, overrides: Overrides, origin: str = "phrasebook") -> Phrasebook:
        """This phrasebook with a centre's own words; `origin` names their file in a ConfigError."""
        return Phrasebook(apply(tuple(self._languages.values()), overrides, self.resolve, origin))

    def _match(self, language: str) -> str | None:
        folded = language.replace("_", "-").casefold()
        names = {name.casefold(): name for name in self._languages}
        stems = {name.split("-")[0].casefold(): name for name in self._languages}
        return names.get(folded) or stems.get(folded.split("-")[0])

    def _usable(self, language: str) -> str:
        if language in self._languages:
            return language
        return self._match(language) or next(iter(self._languages))

    def _render(self, language: str, key: str, context: Context, at: float, facts: Facts) -> Words:
        entry = self._entries[language][key]
        values = self._values(language, entry.names, context, at)
        terms = self._languages[language].terms
        for name, fact in facts.items():
            values[name] = _fact(name, fact, terms)
        parts = (template.fill(values) for template in entry.say)
        say = self._languages[language].joiner.join(part for part in parts if part)
        return Words(key, entry.show.fill(values), say, entry.why.fill(values))

    def _values(self, language: str, names: frozenset[str], context: Context, at: float) -> dict[str, str]:
        agent = context.agent or ""
        values = {
            "centre": context.centre_name,
            "agent": agent,
            "staff": agent if context.say_staff_number else "",
            "customer": context.customer_name,
            "matter": context.matter,
        }
        for name, choose in _CHOSEN:
            if name in names:
                chosen = choose(local_time(context.civil, at), context.calendar)
                values[name] = "".join(each.fill({}) for each in self._entries[language][chosen].say)
        return {name: value for name, value in values.items() if value}


_CHOSEN = (("greeting", greeting_key), ("wish", wish_key))


def _entry(phrase: Phrase) -> _Entry:
    """A phrase with its templates parsed; a ConfigError where one of them is wrong."""
    show = parse(phrase.show, allowed(phrase.key, "show"))
    say = tuple(parse(text, allowed(phrase.key)) for _, text in phrase.say)
    why = parse(phrase.why, allowed(phrase.key, "why"))
    names = show.names.union(why.names, *(each.names for each in say))
    return _Entry(phrase, show, say, why, names)


def _cue_key(entries: Mapping[str, _Entry], cue: CueId, direction: Direction | None) -> str:
    """The variant for a direction where there is one; an unknown direction is treated as inbound."""
    variant = f"{cue}.{direction or Direction.INBOUND}"
    return variant if variant in entries else str(cue)


def _fact(name: str, fact: str | float, terms: Mapping[str, str]) -> str:
    if not isinstance(fact, str):
        return f"{round(fact, 1):g}"
    return terms.get(fact.casefold(), fact) if name in _TERM_FACTS else fact
