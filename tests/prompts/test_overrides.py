"""A centre's own words: what they may change, and that every fault is named with its place."""

from __future__ import annotations

from typing import Any

import pytest

from prompts.phrase import Element
from prompts.phrasebook import Context, Phrasebook
from prompts.template import UNKNOWN, parse
from state.cues import Cue, CueId
from state.errors import ConfigError
from state.words import Direction

BOOK = Phrasebook()
HERE = Context("zh-CN", "华东中心", "1001")
OPENING = Cue(CueId.OPENING, 0.0, direction=Direction.INBOUND, facts={"silent_s": 2.0})


def test_each_field_can_be_replaced_alone() -> None:
    shipped = BOOK.words(OPENING, HERE)
    for field, text in (("show", "说开场白"), ("say", "{greeting}，{centre}"), ("why", "等了{silent_s}秒")):
        own = BOOK.merge({"zh-CN": {"opening.inbound": {field: text}}}).words(OPENING, HERE)
        for name in ("show", "say", "why"):
            changed = getattr(own, name) != getattr(shipped, name)
            assert changed is (name == field)


def test_one_element_can_be_replaced_and_the_order_stays() -> None:
    book = BOOK.merge({"zh-CN": {"opening.inbound": {"say_offer": "我能为您做些什么？"}}})
    assert book.words(OPENING, HERE).say == "您好！这里是华东中心，工号1001，欢迎您来电。我能为您做些什么？"
    assert (
        book.phrase("zh-CN", "opening.inbound").elements == BOOK.phrase("zh-CN", "opening.inbound").elements
    )


def test_a_whole_own_utterance_claims_no_elements() -> None:
    book = BOOK.merge({"zh-CN": {"opening.inbound": {"say": "{greeting}，{centre}[，工号{staff}]。"}}})
    assert book.words(OPENING, HERE).say == "您好，华东中心，工号1001。"
    assert book.words(OPENING, Context("zh-CN", "华东中心")).say == "您好，华东中心。"
    assert book.phrase("zh-CN", "opening.inbound").elements == (Element.OWN,)


def test_greetings_can_be_replaced_and_are_used_by_every_phrase() -> None:
    book = BOOK.merge({"zh-CN": {"greeting.hello": {"say": "您好呀"}}})
    assert book.words(OPENING, HERE).say.startswith("您好呀！")


def test_merge_leaves_the_first_phrasebook_and_the_other_languages_alone() -> None:
    before = BOOK.digest()
    book = BOOK.merge({"zh": {"closing.anything_else": {"say": "还有别的事吗？"}}})
    assert BOOK.digest() == before
    assert book.render("closing.anything_else", HERE).say == "还有别的事吗？"
    assert book.render("closing.anything_else", Context("en")) == BOOK.render(
        "closing.anything_else", Context("en")
    )


def test_merges_add_up() -> None:
    book = BOOK.merge({"en": {"wish.plain": {"say": "all the best to you"}}})
    book = book.merge({"en": {"greeting.hello": {"say": "Good day"}}})
    assert book.render("wish.plain", Context("en")).say == "all the best to you"
    assert book.render("greeting.hello", Context("en")).say == "Good day"


def test_nothing_to_merge_changes_nothing() -> None:
    assert BOOK.merge({}).digest() == BOOK.digest()
    assert BOOK.merge({"en": {}}).digest() == BOOK.digest()


FAULTS: list[tuple[Any, str]] = [
    (
        {"zh-CN": {"opening.inbuond": {"say": "x"}}},
        'my.toml: zh-CN: unknown phrase "opening.inbuond"; the nearest is "opening.inbound"',
    ),
    ({"zn": {}}, 'my.toml: unknown language "zn"; the nearest is "en"'),
    (
        {"en": {"opening.inbound": {"sya": "x"}}},
        'my.toml: en: opening.inbound: unknown field "sya"; the nearest is "say"',
    ),
    (
        {"en": {"opening.inbound": {"say_goodbye": "x"}}},
        'my.toml: en: opening.inbound: unknown field "say_goodbye"; the nearest is "say_',
    ),
    (
        {"en": {"opening.inbound": {"say": "{center}"}}},
        'my.toml: en: opening.inbound: say: unknown placeholder "center"; the nearest is "centre"',
    ),
    (
        {"en": {"opening.inbound": {"why": "{quiet_s}"}}},
        'my.toml: en: opening.inbound: why: unknown placeholder "quiet_s"',
    ),
    (
        {"en": {"greeting.hello": {"say": "Hello from {centre}"}}},
        'my.toml: en: greeting.hello: say: unknown placeholder "centre"; none may be used here',
    ),
    (
        {"en": {"opening.outbound": {"show": "greet {customer}"}}},
        'my.toml: en: opening.outbound: show: unknown placeholder "customer"',
    ),
    (
        {"en": {"opening.inbound": {"say": "x", "say_offer": "y"}}},
        "my.toml: en: opening.inbound: say replaces the whole utterance",
    ),
    ({"en": {"opening.inbound": {"say": 3}}}, "my.toml: en: opening.inbound: say must be a text, not int"),
    ({"en": {"opening.inbound": "Hello"}}, "my.toml: en: opening.inbound: a phrase must be a table, not str"),
    ({"en": ["opening"]}, "my.toml: en must be a table, not list"),
    ([], "my.toml must be a table, not list"),
    ({"en": {"opening.inbound": {"say": "{centre"}}}, "my.toml: en: opening.inbound: say: expected '}'"),
    ({"en": {"opening.inbound": {"say": "centre}"}}}, "my.toml: en: opening.inbound: say: Single '}'"),
    ({"en": {"opening.inbound": {"say": "[a"}}}, "say: a square bracket without its partner in '[a'"),
    ({"en": {"opening.inbound": {"say": "[[a]]"}}}, "say: a square bracket without its partner"),
]


@pytest.mark.parametrize(("overrides", "message"), FAULTS)
def test_a_fault_is_named_with_its_place_and_the_nearest_valid_thing(overrides: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        BOOK.merge(overrides, origin="my.toml")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text", ["{centre.__class__}", "{centre[0]}", "{centre!r}", "{centre:>9}", "{}", "{0}", "{ centre }"]
)
def test_a_placeholder_is_a_plain_name_never_an_expression(text: str) -> None:
    with pytest.raises(ConfigError):
        BOOK.merge({"en": {"opening.inbound": {"say": text}}})


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("", {}, ""),
        ("plain", {}, "plain"),
        ("{a}", {"a": "1"}, "1"),
        ("{a}", {}, UNKNOWN),
        ("{a} and {b}", {"b": "2"}, "? and 2"),
        ("x[, {a}]", {"a": "1"}, "x, 1"),
        ("x[, {a}]", {}, "x"),
        ("[{a}|{b}|none]", {"a": "1", "b": "2"}, "1"),
        ("[{a}|{b}|none]", {"b": "2"}, "2"),
        ("[{a}|{b}|none]", {}, "none"),
        ("[{a}{b}]", {"a": "1"}, ""),
        ("[always]", {}, "always"),
        ("{{a}}", {"a": "1"}, "{a}"),
        ("a|b", {}, "a|b"),
    ],
)
def test_templates(text: str, values: dict[str, str], filled: str) -> None:
    assert parse(text, ("a", "b")).fill(values) == filled


def test_a_template_knows_its_names() -> None:
    assert parse("{a}[{b}|{c}]", ("a", "b", "c", "d")).names == {"a", "b", "c"}
