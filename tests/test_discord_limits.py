"""Any card of any text fits into what Discord takes, and does nothing there."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chats.discord_forms import make_modal, opening
from bot.chats.discord_render import render_post, render_reply
from bot.chats.discord_text import draw
from domain.cards import (
    Action,
    AlertCard,
    AlertKind,
    Block,
    Bullets,
    Card,
    Digest,
    Fact,
    Facts,
    Form,
    Heading,
    Input,
    Notice,
    Page,
    Paragraph,
    PledgeCard,
    Row,
    Span,
    Style,
    Table,
    Text,
    Tone,
    bold,
    link,
    text,
)
from tests.discord_bench import check_reply, payload_of, words_of
from tests.doubles.discord.check_messages import check_message
from tests.doubles.discord.check_modals import check_modal

AT = datetime(2020, 6, 17, 14, 5, tzinfo=UTC)


HOSTILE = st.sampled_from(
    ["@everyone", "@here", "<@1>", "<@&2>", "[x](http://evil.example)", "](http://evil.example)",
     "`", "``", "**", "__", "~~", "||", "# ", "-# ", "> ", "- ", "1. ", "\\", "\n", "\u202e",
     "<t:1:R>", "https://evil.example", "evil.example", "\U0001f600", "a" * 99, " ", ""]
)  # fmt: skip


WORDS = st.lists(st.one_of(HOSTILE, st.text(max_size=12)), max_size=5).map("".join)


URLS = st.sampled_from(
    [
        "https://a.example/x",
        "http://b.example/(y)_*",
        "ftp://c.example",
        "",
        "https://[",
        "x" * 3000,
    ]
)


WHEN = st.datetimes(timezones=st.just(UTC))


SPANS = st.builds(
    Span,
    text=WORDS,
    style=st.sampled_from(Style),
    url=URLS,
    at=st.none() | WHEN,
    channel=st.sampled_from(["", "", "1", "user:1"]),
)


TEXTS = st.lists(SPANS, max_size=4).map(tuple)


FACTS = st.lists(st.builds(Fact, label=WORDS, value=TEXTS), max_size=4).map(tuple)


ACTIONS = st.lists(
    st.builds(Action, label=WORDS, command=WORDS, url=URLS, danger=st.booleans()), max_size=7
).map(tuple)


TABLES = st.builds(
    Table,
    columns=st.lists(WORDS, max_size=5).map(tuple),
    rows=st.lists(
        st.builds(Row, label=WORDS, cells=st.lists(WORDS, max_size=5).map(tuple),
                  differs=st.booleans()),
        max_size=6,
    ).map(tuple),
)  # fmt: skip


BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, text=TEXTS),
    st.builds(Heading, text=WORDS),
    st.builds(Facts, facts=FACTS),
    st.builds(Bullets, items=st.lists(TEXTS, max_size=6).map(tuple)),
    TABLES,
)


ALERTS = st.builds(
    AlertCard,
    kind=st.sampled_from(AlertKind),
    subjects=st.lists(WORDS, max_size=4).map(tuple),
    title=WORDS,
    url=URLS,
    summary=WORDS,
    published_at=WHEN,
    outlet=WORDS,
    also_in=st.lists(st.tuples(WORDS, URLS), max_size=5).map(tuple),
    background=st.lists(TEXTS, max_size=6).map(tuple),
    actions=ACTIONS,
)


NOTICES = st.builds(Notice, text=TEXTS, tone=st.sampled_from(Tone), hint=TEXTS, actions=ACTIONS)


DIGESTS = st.builds(
    Digest,
    title=WORDS,
    items=st.lists(TEXTS, max_size=6).map(tuple),
    more=st.integers(0, 999),
    actions=ACTIONS,
)


PLEDGES = st.builds(
    PledgeCard,
    company=WORDS,
    title=WORDS,
    badge=WORDS,
    promise=TEXTS,
    coverage=FACTS,
    facts=FACTS,
    leaves_out=st.lists(WORDS, max_size=5).map(tuple),
    history=FACTS,
    sources=st.lists(TEXTS, max_size=5).map(tuple),
    as_of=WORDS,
    actions=ACTIONS,
)


PAGES = st.builds(
    Page, title=WORDS, blocks=st.lists(BLOCKS, max_size=5).map(tuple), note=WORDS, actions=ACTIONS
)


NAMES = st.text("abcdefgh", min_size=1, max_size=8)


FORMS = st.builds(
    Form,
    title=WORDS,
    command=st.just("feed add"),
    fault=WORDS,
    fields=st.lists(
        st.builds(
            Input,
            name=NAMES,
            label=WORDS,
            placeholder=WORDS,
            value=WORDS,
            required=st.booleans(),
            choices=st.lists(NAMES, max_size=30).map(tuple),
            long=st.booleans(),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one.name,
    ).map(tuple),
)


_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)


def signed(card: Card) -> dict[Action, str]:
    actions = getattr(card, "actions", ())
    return {one: f"p1|{number % 20}" for number, one in enumerate(actions) if one.command}


def assert_inert(words: str) -> None:
    """Nothing of strangers' text is a mention, markup of Discord's own, or a link."""
    outside = _CODE.sub(" ", re.sub(r"\\[\\`]", "", words))
    outside = re.sub(r"<t:-?\d+:f>|<#1>", "", outside)  # ours
    assert not re.search(r"@everyone|@here|<@[!&]?\d", outside), words
    assert not re.search(r"(?<!\\)<", outside), words
    assert not re.search(r"(?<!\\)\[[^\]]*\]\(https?\\?:/*evil", outside), words
    assert not re.search(r"(?<![(\\])https?://evil", outside), words


@settings(max_examples=60, deadline=None)
@given(card=st.one_of(ALERTS, NOTICES, DIGESTS))
def test_anything_posted_fits_and_is_inert(card: AlertCard | Notice | Digest) -> None:
    post = render_post(card, signed(card))
    check_message(payload_of(post), [])
    assert 0 < len(post.content) <= 200
    assert post.content.strip()
    for words in (post.content, *(f"{one.title} {one.description}" for one in post.embeds)):
        assert_inert(words)


@settings(max_examples=60, deadline=None)
@given(card=st.one_of(ALERTS, NOTICES, DIGESTS, PLEDGES, PAGES, FORMS))
def test_any_reply_fits_and_is_inert(card: Card) -> None:
    view = render_reply(card, signed(card))
    check_reply(view)
    assert_inert(words_of(view))


@settings(max_examples=40, deadline=None)
@given(form=FORMS)
def test_any_form_fits(form: Form) -> None:
    fields, _ = opening(form)
    check_modal(make_modal(form, fields, "p1|x").to_dict())


@settings(max_examples=100, deadline=None)
@given(spans=TEXTS, limit=st.integers(1, 300))
def test_drawn_text_keeps_its_limit(spans: Text, limit: int) -> None:
    assert len(draw(spans, limit)) <= limit


HUGE = "*_[huge] @everyone `words`_* " * 400


HUGE_TEXT = text(bold(HUGE), link(HUGE, "https://a.example/" + "y" * 1500), HUGE) * 5


HUGE_FACTS = (Fact(label=HUGE, value=HUGE_TEXT),) * 20


HUGE_ACTIONS = tuple(Action(label=HUGE, command="x", arguments=(("n", str(n)),)) for n in range(40))


HUGE_ROWS = (Row(label=HUGE, cells=(HUGE,) * 9), Row(label=HUGE, cells=(HUGE,), differs=False)) * 20


HUGE_BLOCKS: tuple[Block, ...] = (
    Paragraph(text=HUGE_TEXT),
    Heading(text=HUGE),
    Facts(facts=HUGE_FACTS),
    Bullets(items=(HUGE_TEXT,) * 20),
    Table(columns=(HUGE,) * 9, rows=HUGE_ROWS),
)


HUGE_CARDS: list[Card] = [
    AlertCard(
        kind=AlertKind.BILL,
        subjects=(HUGE,) * 9,
        title=HUGE,
        url="https://a.example/",
        summary=HUGE,
        published_at=AT,
        outlet=HUGE,
        also_in=((HUGE, "https://a.example/" + "y" * 1500),) * 20,
        background=(HUGE_TEXT,) * 20,
        actions=HUGE_ACTIONS,
    ),
    PledgeCard(
        company=HUGE,
        title=HUGE,
        badge=HUGE,
        promise=HUGE_TEXT,
        coverage=HUGE_FACTS,
        facts=HUGE_FACTS,
        leaves_out=(HUGE,) * 20,
        history=HUGE_FACTS,
        sources=(HUGE_TEXT,) * 20,
        as_of=HUGE,
        actions=HUGE_ACTIONS,
    ),
    Page(title=HUGE, blocks=HUGE_BLOCKS * 2, note=HUGE, actions=HUGE_ACTIONS),
    Notice(text=HUGE_TEXT, hint=HUGE_TEXT, actions=HUGE_ACTIONS),
    Digest(title=HUGE, items=(HUGE_TEXT,) * 20, more=9, actions=HUGE_ACTIONS),
    Form(title=HUGE, command="x", fields=(Input(name="n", label=HUGE),) * 9, fault=HUGE),
]


@pytest.mark.parametrize("card", HUGE_CARDS, ids=lambda card: type(card).__name__)
def test_far_too_much_fits_all_the_same(card: Card) -> None:
    view = render_reply(card, signed(card))
    check_reply(view)
    assert "…" in words_of(view)
    if isinstance(card, AlertCard | Notice | Digest):
        check_message(payload_of(render_post(card, signed(card))), [])
