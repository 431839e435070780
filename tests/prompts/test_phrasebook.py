"""Every cue in every language and direction: the elements of the procedures, in order, all filled in."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import pytest

from prompts.display import columns
from prompts.names import CONTEXT_NAMES, CUSTOMER_NAMES, FACT_NAMES
from prompts.phrase import Element
from prompts.phrasebook import Context, Phrasebook
from prompts.phrases_en import EN
from prompts.phrases_zh_cn import ZH_CN
from state.cues import Cue, CueId
from state.errors import ConfigError, ProtocolReason, TransportReason
from state.words import AgentState, Audience, CallState, Direction, Evidence

BOOK = Phrasebook()
LANGUAGES = BOOK.languages
INBOUND, OUTBOUND = Direction.INBOUND, Direction.OUTBOUND

FACTS: dict[CueId, dict[str, str | float]] = {
    CueId.OPENING: {"silent_s": 2.0},
    CueId.SILENT_STAGE_2: {"stage": 2, "silent_s": 5.04},
    CueId.SILENT_STAGE_3: {"stage": 3, "silent_s": 5.0},
    CueId.SILENT_MAY_HANG_UP: {"silent_s": 2.0},
    CueId.HANG_UP_TOO_EARLY: {"stage_heard": 1, "missing": "2, 3"},
    CueId.CLOSING_MAY_HANG_UP: {"quiet_s": 10.0},
    CueId.PROMISE_OPEN: {"subject": "退款", "due": "18:00", "number": "13800138000"},
    CueId.COMMAND_FAILED: {"what": "answer", "target": "desk", "reason": "gone"},
}
HINTS = tuple(cue for cue in CueId if cue.startswith(("near.", "far.")))
FACTS.update({cue: {"since_s": 3.04, "sure_percent": 80} for cue in HINTS})
CAUSE_FACTS: dict[str, str | float] = {
    "where": "headset",
    "since_s": 0.84,
    "evidence": Evidence.MUTE_REPORTED,
}

ELEMENTS = {
    "opening.inbound": "greeting centre staff_number welcome offer",
    "opening.outbound": "greeting sorry_to_disturb centre_and_role staff_number name_check",
    "opening.greet_back": "greeting offer",
    "opening.reason": "reason",
    "silent.stage_2.inbound": "greeting offer",
    "silent.stage_2.outbound": "greeting reason name_check",
    "silent.stage_3.inbound": "apology cannot_hear wait_or_other_phone thanks goodbye",
    "silent.stage_3.outbound": "apology cannot_hear call_again sorry_to_disturb goodbye",
    "far.too_quiet": "symptom louder thanks",
    "far.hands_free": "symptom ask_hands_free switch_off thanks",
    "far.noise": "symptom move_or_other_phone thanks",
    "far.gaps": "symptom move_or_other_phone thanks",
    "closing.repeat_solution": "solution",
    "closing.check_understood": "understood",
    "closing.anything_else": "anything_else",
    "closing.goodbye.inbound": "thanks wish goodbye",
    "closing.goodbye.outbound": "thanks wish goodbye",
}
"""P1, P2, P3 and P10: which elements, in which order."""

MARKERS = {
    "zh-CN": {
        "greeting": "您好|上午好",
        "centre": "华东中心",
        "centre_and_role": "华东中心的客服代表",
        "staff_number": "1001",
        "welcome": "欢迎",
        "offer": "有什么可以帮您",
        "sorry_to_disturb": "打扰您了",
        "reason": "业务|关于",
        "name_check": "请问您是王先生吗|怎么称呼您",
        "apology": "抱歉",
        "cannot_hear": "(电话|线路|信号).*听不到您的声音",
        "wait_or_other_phone": "稍候.*换一部电话",
        "call_again": "我稍后再给您打电话",
        "symptom": "有点小|回音|嘈杂|断断续续",
        "louder": "麻烦您稍微大声一点",
        "ask_hands_free": "是不是开着免提",
        "switch_off": "免提键关掉",
        "move_or_other_phone": "换.*(地方|位置).*换一部电话",
        "solution": "处理办法",
        "understood": "清楚",
        "anything_else": "还有什么可以帮您",
        "thanks": "感谢|谢谢",
        "wish": "祝您",
        "goodbye": "再见",
    },
    "en": {
        "greeting": "Hello|Good morning",
        "centre": "华东中心",
        "centre_and_role": "service agent of 华东中心",
        "staff_number": "1001",
        "welcome": "Welcome",
        "offer": "How may I help you|what can I do for you",
        "sorry_to_disturb": "disturb",
        "reason": "calling about",
        "name_check": "speaking with 王先生|your name",
        "apology": "sorry",
        "cannot_hear": "(phone|line|signal).*cannot hear you",
        "wait_or_other_phone": "wait a moment.*another phone",
        "call_again": "I will call again later",
        "symptom": "faint|far away|noise around you|comes and goes",
        "louder": "please speak a little louder",
        "ask_hands_free": "speaker of your phone",
        "switch_off": "press the speaker key",
        "move_or_other_phone": "move.*another phone",
        "solution": "repeat what we agreed",
        "understood": "clear",
        "anything_else": "What else can I do",
        "thanks": "Thank you",
        "wish": "I wish you",
        "goodbye": "Goodbye",
    },
}
"""How each element is recognised in the finished words, so that a label cannot stand for what is not said."""

FORBIDDEN_OPENERS = {
    "zh-CN": ("找谁", "找哪位", "哪一位", "投诉", "寄件", "快递", "查件", "是不是", "要不要", "有没有", "吗"),
    "en": ("who are you", "looking for", "do you", "are you", "would you", "complain", "parcel", "is this"),
}
URGING = {
    "zh-CN": ("喂", "请讲", "请说", "说话", "出声", "回答", "在吗", "听得到吗", "能听到我"),
    "en": ("speak up", "please speak", "say something", "talk", "are you there", "can you hear", "answer"),
}


def cue(cue_id: CueId, direction: Direction | None, at: float = 100.0, full: bool = True) -> Cue:
    facts = FACTS.get(cue_id, CAUSE_FACTS) if full else {}
    return Cue(cue_id, at, direction=direction, facts=facts)


def context(language: str, **changes: Any) -> Context:
    return replace(
        Context(language, "华东中心", "1001", customer_name="王先生", matter="您的订单"), **changes
    )


UNFILLED = {"zh-CN": re.compile(r"\?"), "en": re.compile(r"(?<!\w)\?")}
"""A question mark that stands for a missing fact, unlike one that ends an English question."""

EVERY_CUE = list(itertools.product(LANGUAGES, CueId, (INBOUND, OUTBOUND, None)))


@pytest.mark.parametrize(("language", "cue_id", "direction"), EVERY_CUE)
def test_every_cue_renders_whole(language: str, cue_id: CueId, direction: Direction | None) -> None:
    words = BOOK.words(cue(cue_id, direction), context(language))
    assert words.show
    assert words.why
    for text in (words.show, words.say, words.why):
        assert not re.search(r"[{}\[\]|]", text)
        assert not UNFILLED[language].search(text)
        assert text == text.strip()


@pytest.mark.parametrize(("language", "cue_id", "direction"), EVERY_CUE)
def test_every_fact_a_cue_may_carry_is_told(
    language: str, cue_id: CueId, direction: Direction | None
) -> None:
    """Each reaches the agent, in `show` or in `why`."""
    facts = {name: f"fact-{name}" for name in FACT_NAMES[cue_id]}
    words = BOOK.words(Cue(cue_id, 1.0, direction=direction, facts=dict(facts)), context(language))
    told = {name for name, value in facts.items() if value in words.show + words.why}
    assert told == FACT_NAMES[cue_id]


@pytest.mark.parametrize(("language", "cue_id", "direction"), EVERY_CUE)
def test_missing_facts_are_seen_as_question_marks(
    language: str, cue_id: CueId, direction: Direction | None
) -> None:
    words = BOOK.words(cue(cue_id, direction, full=False), context(language))
    assert "{" not in words.show + words.say + words.why
    assert UNFILLED[language].search(words.why)


@pytest.mark.parametrize(("language", "cue_id", "direction"), EVERY_CUE)
def test_show_is_short_enough_for_two_rows_of_a_small_display(
    language: str, cue_id: CueId, direction: Direction | None
) -> None:
    assert columns(BOOK.words(cue(cue_id, direction), context(language)).show) <= 44


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ELEMENTS)
def test_elements_are_those_of_the_procedure_in_order(language: str, key: str) -> None:
    assert BOOK.phrase(language, key).elements == tuple(Element(each) for each in ELEMENTS[key].split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ELEMENTS)
@pytest.mark.parametrize("known", [True, False], ids=["customer known", "customer unknown"])
def test_every_element_is_really_said_in_order(language: str, key: str, known: bool) -> None:
    where = context(language) if known else context(language, customer_name="", matter="")
    said = BOOK.render(key, where).say
    position = 0
    for element in ELEMENTS[key].split():
        found = re.compile(MARKERS[language][element], re.DOTALL).search(said, position)
        assert found, f"{element} not in {said[position:]!r}"
        position = found.end()


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_phrases_with_the_same_elements(language: str) -> None:
    assert BOOK.keys(language) == BOOK.keys("zh-CN")
    for key in BOOK.keys(language):
        assert BOOK.phrase(language, key).elements == BOOK.phrase("zh-CN", key).elements
    assert BOOK.terms(language).keys() == BOOK.terms("zh-CN").keys()


@pytest.mark.parametrize("language", [ZH_CN, EN], ids=lambda language: language.name)
def test_keys_are_unique(language: object) -> None:
    keys = [phrase.key for phrase in (ZH_CN if language is ZH_CN else EN).phrases]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["opening.inbound", "opening.greet_back", "silent.stage_2.inbound"])
@pytest.mark.parametrize("name", ["王先生", ""])
def test_inbound_offers_help_openly(language: str, key: str, name: str) -> None:
    said = BOOK.render(key, context(language, customer_name=name)).say.casefold()
    assert not [word for word in FORBIDDEN_OPENERS[language] if word in said]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cue_id", [CueId.SILENT_STAGE_2, CueId.SILENT_STAGE_3, CueId.LINE_AUDIO_DEAD])
@pytest.mark.parametrize("direction", Direction)
def test_a_silent_caller_is_never_urged_to_talk(language: str, cue_id: CueId, direction: Direction) -> None:
    said = BOOK.words(cue(cue_id, direction), context(language)).say.casefold()
    assert said
    assert not [word for word in URGING[language] if word in said]


REPROACHES = {
    "zh-CN": ("大点声", "大声点", "你", "听不见", "不清楚吗", "请您关", "必须"),
    "en": ("speak up", "louder!", "you must", "you have to", "i told you"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cue_id", HINTS)
def test_a_customer_who_is_hard_to_hear_is_asked_not_told_off(language: str, cue_id: CueId) -> None:
    said = BOOK.words(cue(cue_id, INBOUND), context(language)).say.casefold()
    assert not [word for word in REPROACHES[language] if word in said]
    assert bool(re.search("[？?]", said)) is bool(said), "a request is a question"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cue_id", HINTS)
def test_a_hint_says_that_it_is_a_guess_and_whose_decision(language: str, cue_id: CueId) -> None:
    why = BOOK.words(cue(cue_id, INBOUND), context(language)).why
    guess, sure, decides = {
        "zh-CN": ("依据声音推测", "80%", "由您决定"),
        "en": ("Guessed from the sound", "80 %", "you decide"),
    }[language]
    assert guess in why
    assert sure in why
    assert decides in why


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("evidence", [Evidence.RINGBACK, Evidence.BUSY, Evidence.MUSIC, Evidence.TONE])
def test_each_sound_that_is_no_customer_is_called_by_its_name(language: str, evidence: Evidence) -> None:
    told = Cue(CueId.MUSIC_OR_TONE, 0.0, facts={**CAUSE_FACTS, "where": "line", "evidence": evidence})
    named = BOOK.terms(language)[evidence]
    assert named in BOOK.words(told, context(language)).why
    assert list(BOOK.terms(language).values()).count(named) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("cue_id", "says"),
    [
        (CueId.OPENING, True),
        (CueId.SILENT_STAGE_2, True),
        (CueId.SILENT_STAGE_3, True),
        (CueId.LINE_AUDIO_DEAD, True),
        (CueId.CHECK_BY_SPEAKING, True),
        (CueId.SILENT_MAY_HANG_UP, False),
        (CueId.HANG_UP_TOO_EARLY, False),
        (CueId.AGENT_MUTED, False),
        (CueId.SPEAKING_WHILE_MUTED, False),
        (CueId.AGENT_MIC_DEAD, False),
        (CueId.HEADSET_UNPLUGGED, False),
        (CueId.MUSIC_OR_TONE, False),
        (CueId.FAR_TOO_QUIET, True),
        (CueId.FAR_HANDS_FREE, True),
        (CueId.FAR_NOISE, True),
        (CueId.FAR_GAPS, True),
        (CueId.FAR_ECHO, False),
        (CueId.NEAR_CLIPPING, False),
        (CueId.NEAR_TOO_QUIET, False),
        (CueId.CLOSING_MAY_HANG_UP, False),
        (CueId.PROMISE_OPEN, False),
        (CueId.COMMAND_FAILED, False),
    ],
)
def test_something_is_said_to_the_customer_only_where_the_procedure_has_words(
    language: str, cue_id: CueId, says: bool
) -> None:
    assert bool(BOOK.words(cue(cue_id, INBOUND), context(language)).say) is says


@pytest.mark.parametrize(
    ("cue_id", "inbound", "outbound"),
    [
        (CueId.OPENING, "opening.inbound", "opening.outbound"),
        (CueId.SILENT_STAGE_2, "silent.stage_2.inbound", "silent.stage_2.outbound"),
        (CueId.SILENT_STAGE_3, "silent.stage_3.inbound", "silent.stage_3.outbound"),
        (CueId.SILENT_MAY_HANG_UP, "silent.may_hang_up.inbound", "silent.may_hang_up.outbound"),
        (CueId.AGENT_MUTED, "cause.agent_muted", "cause.agent_muted"),
    ],
)
def test_direction_chooses_the_variant(cue_id: CueId, inbound: str, outbound: str) -> None:
    for direction, key in ((INBOUND, inbound), (OUTBOUND, outbound), (None, inbound)):
        assert BOOK.words(cue(cue_id, direction), context("zh-CN")).phrase_key == key


def test_a_call_back_is_announced_only_outbound() -> None:
    assert "回拨" in BOOK.words(cue(CueId.SILENT_MAY_HANG_UP, OUTBOUND), context("zh-CN")).show
    assert "回拨" not in BOOK.words(cue(CueId.SILENT_MAY_HANG_UP, INBOUND), context("zh-CN")).show
    assert "稍后再给您打" not in BOOK.words(cue(CueId.SILENT_STAGE_3, INBOUND), context("zh-CN")).say


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("direction", "agent", "wanted", "said"),
    [
        (INBOUND, "1001", True, True),
        (INBOUND, "1001", False, False),
        (INBOUND, None, True, False),
        (OUTBOUND, "1001", True, True),
        (OUTBOUND, "1001", False, True),
        (OUTBOUND, None, True, False),
    ],
)
def test_staff_number_inbound_is_the_centres_choice_outbound_is_the_rule(
    language: str, direction: Direction, agent: str | None, wanted: bool, said: bool
) -> None:
    where = context(language, agent=agent, say_staff_number=wanted)
    words = BOOK.words(cue(CueId.OPENING, direction), where)
    assert ("1001" in words.say) is said
    assert ("工号" in words.say or "staff number" in words.say) is said


def test_opening_word_for_word() -> None:
    where = context("zh-CN", customer_name="")
    assert BOOK.words(cue(CueId.OPENING, INBOUND), where).say == (
        "您好！这里是华东中心，工号1001，欢迎您来电。请问有什么可以帮您？"
    )
    assert BOOK.words(cue(CueId.OPENING, OUTBOUND), where).say == (
        "您好，打扰您了。我是华东中心的客服代表，工号1001。请问怎么称呼您？"
    )
    assert BOOK.words(cue(CueId.OPENING, INBOUND), context("en", agent=None)).say == (
        "Hello, 王先生. This is 华东中心. Welcome to our service line. How may I help you?"
    )


def test_why_tells_the_evidence_and_where_in_the_language() -> None:
    chinese = BOOK.words(cue(CueId.AGENT_MUTED, INBOUND), context("zh-CN")).why
    english = BOOK.words(cue(CueId.AGENT_MUTED, INBOUND), context("en")).why
    assert "耳机" in chinese
    assert "（它报告为静音）" in chinese
    assert "the headset, 0.8 s ago (it reports mute)" in english


def test_every_kind_of_evidence_and_every_reason_has_a_term() -> None:
    named = {each.value for kind in (Evidence, ProtocolReason, TransportReason) for each in kind}
    assert named <= BOOK.terms("zh-CN").keys()


@pytest.mark.parametrize(
    ("fact", "text"), [(5.0, "5"), (5.04, "5"), (4.96, "5"), (0.84, "0.8"), (12, "12"), ("5 s", "5 s")]
)
def test_numbers_are_told_as_a_person_says_them(fact: str | float, text: str) -> None:
    told = Cue(CueId.OPENING, 0.0, direction=INBOUND, facts={"silent_s": fact})
    assert f"接通已 {text} 秒" in BOOK.words(told, context("zh-CN")).why


def test_only_words_of_the_code_are_translated() -> None:
    facts: dict[str, str | float] = {"subject": "line", "due": "busy", "number": "app"}
    words = BOOK.words(Cue(CueId.PROMISE_OPEN, 0.0, facts=facts), context("zh-CN"))
    assert words.show == "有未完成的承诺：line，期限：busy"
    failed = BOOK.words(cue(CueId.COMMAND_FAILED, None), context("zh-CN"))
    assert failed.show == "操作未成功：接听（desk：设备已断开）"


def test_a_fact_with_braces_stays_a_fact() -> None:
    facts: dict[str, str | float] = {"what": "{agent}", "target": "{line}", "reason": "[x|y]"}
    assert (
        BOOK.words(Cue(CueId.COMMAND_FAILED, 0.0, facts=facts), context("en")).show
        == "Failed: {agent} ({line}: [x|y])"
    )


def test_prompt_text_depends_on_who_hears_it() -> None:
    words = BOOK.words(cue(CueId.SILENT_STAGE_2, INBOUND), context("zh-CN"))
    assert words.text_for(Audience.LINE) == words.say
    assert words.text_for(Audience.AGENT) == words.show
    assert words.key_for(Audience.LINE) == "silent.stage_2.inbound"
    assert words.key_for(Audience.AGENT) == "silent.stage_2.inbound.ear"


def test_terms_cover_what_the_display_names() -> None:
    wanted = {f"agent.{state}" for state in AgentState}
    wanted |= {f"call.{state}" for state in CallState if state is not CallState.IDLE}
    assert wanted <= BOOK.terms("zh-CN").keys()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("zh-CN", "zh-CN"), ("zh", "zh-CN"), ("zh_TW", "zh-CN"), ("EN", "en"), ("en-GB", "en"), ("en_US", "en")],
)
def test_language_is_resolved(asked: str, meant: str) -> None:
    assert BOOK.resolve(asked) == meant
    assert BOOK.words(cue(CueId.OPENING, INBOUND), context(asked)) == BOOK.words(
        cue(CueId.OPENING, INBOUND), context(meant)
    )


def test_an_unknown_language_is_an_error_for_config_but_no_silence_in_a_call() -> None:
    with pytest.raises(ConfigError, match='unknown language "eng"; the nearest is "en"'):
        BOOK.resolve("eng")
    assert "您好" in BOOK.words(cue(CueId.OPENING, INBOUND), context("de")).say


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r'unknown phrase "closing.goodby.inbound"; .* "closing.goodbye.inbound"'
    ):
        BOOK.render("closing.goodby.inbound", context("zh-CN"))
    with pytest.raises(ConfigError, match='unknown phrase "opening"'):
        BOOK.phrase("zh-CN", "opening")


def test_every_cue_declares_its_facts_and_none_hides_a_context_name() -> None:
    assert set(FACT_NAMES) == set(CueId)
    for names in FACT_NAMES.values():
        assert not names & CONTEXT_NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_show_never_holds_customer_data_outside_the_promise(language: str) -> None:
    secret = context(language, customer_name="SECRET", matter="SECRET")
    for cue_id in CueId:
        shown = BOOK.words(cue(cue_id, OUTBOUND), secret).show
        assert "SECRET" not in shown
        assert "13800138000" not in shown
    assert "number" in CUSTOMER_NAMES


def test_digest_changes_with_any_word() -> None:
    assert BOOK.digest() == Phrasebook().digest()
    other = BOOK.merge({"en": {"closing.anything_else": {"show": "Anything more?"}}})
    assert other.digest() != BOOK.digest()
