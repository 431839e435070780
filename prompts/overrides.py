"""A centre's own words over the shipped ones, each checked, each fault named with its place.

May not read a file: the tables of one are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from prompts.names import allowed
from prompts.phrase import Element, Language, Phrase
from prompts.template import parse, require
from state.errors import ConfigError

Overrides = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Language, phrase key, then `show`, `why`, `say` or `say_<element>`: the template to use instead."""

TableT = TypeVar("TableT")


def apply(
    languages: tuple[Language, ...], overrides: Overrides, resolve: Callable[[str], str], origin: str
) -> tuple[Language, ...]:
    """The languages with `overrides` over them; a ConfigError names `origin`, language, key and field."""
    changed = {language.name: language for language in languages}
    for given, phrases in _table(overrides, origin).items():
        with _place(origin):
            language = changed[resolve(given)]
        place = f"{origin}: {given}"
        own = {phrase.key: phrase for phrase in language.phrases}
        for key, fields in _table(phrases, place).items():
            with _place(place):
                require(key, own, "phrase")
            with _place(f"{place}: {key}"):
                own[key] = _overridden(own[key], _table(fields, "a phrase"))
        changed[language.name] = replace(language, phrases=tuple(own.values()))
    return tuple(changed.values())


def _overridden(phrase: Phrase, fields: Mapping[str, str]) -> Phrase:
    """The phrase with some of its templates replaced, checked."""
    elements = {f"say_{element}": element for element in phrase.elements}
    if "say" in fields and elements.keys() & fields.keys():
        raise ConfigError("say replaces the whole utterance, so no say_... may stand beside it")
    for field, text in fields.items():
        require(field, ("show", "say", "why", *elements), "field")
        if not isinstance(text, str):
            raise ConfigError(f"{field} must be a text, not {type(text).__name__}")
        with _place(field):
            parse(text, allowed(phrase.key, field))
        phrase = _replaced(phrase, field, text, elements)
    return phrase


def _replaced(phrase: Phrase, field: str, text: str, elements: Mapping[str, Element]) -> Phrase:
    if field == "show":
        return replace(phrase, show=text)
    if field == "why":
        return replace(phrase, why=text)
    if field == "say":
        return replace(phrase, say=((Element.OWN, text),))
    said = ((element, text if element is elements[field] else old) for element, old in phrase.say)
    return replace(phrase, say=tuple(said))


def _table(value: TableT, place: str) -> TableT:
    """The value, or a ConfigError where a file put something else in a table's place."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"{place} must be a table, not {type(value).__name__}")
    return value


@contextmanager
def _place(place: str) -> Iterator[None]:
    """Put the place in front of what a ConfigError says."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{place}: {error}") from error
