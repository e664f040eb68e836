import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chats.slack_commands import Spelling
from bot.chats.slack_forms import (
    Reference,
    reply_view,
)
from bot.chats.slack_manifest import slack_manifest
from bot.chats.slack_markup import escape, fit, mrkdwn, web_address
from bot.chats.slack_render import Message, render
from bot.config import Slack
from commands.all import make_registry
from commands.registry import Registry, form_for
from domain.cards import (
    Action,
    AlertCard,
    AlertKind,
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
    channel,
    code,
    instant,
    link,
    text,
)
from domain.errors import UserError
from tests.doubles.slack.blocks import check_message_blocks, check_view
from tests.doubles.slack.content import Args, read_content
from tests.doubles.slack.manifest import read_manifest
from tests.doubles.slack.mrkdwn import links_in, pings_in, read, strings
from tests.slack_bench import ALERT, AT, HOSTILE, opened

REGISTRY = make_registry()


def shown(message: Message) -> str:
    """What a person reads, buttons included."""
    return "\n".join(
        f"[{value}]" if kind == "plain_text" else read(value)
        for kind, value in strings(list(message.blocks))
    )


def taken(message: Message) -> None:
    """Slack takes it, and nobody is called by it."""
    payload = json.loads(json.dumps(message.payload))
    read_content(Args(payload), counted=True)
    marked = [value for kind, value in strings(payload["blocks"]) if kind == "mrkdwn"]
    assert [ping for value in [payload["text"], *marked] for ping in pings_in(value)] == []


def signed(card: Any) -> dict[Action, str]:
    return {action: f"p1|{number}" for number, action in enumerate(card.actions) if action.command}


def drawn(card: Card) -> Message:
    message = render(card, {} if isinstance(card, Form) else signed(card))
    taken(message)
    return message


# Text


def test_text_is_escaped_once_and_shown_as_it_was() -> None:
    assert escape("A & B <b> &amp;") == "A &amp; B &lt;b&gt; &amp;amp;"
    assert read(escape(HOSTILE)) == HOSTILE
    assert escape("a\x00b\ud800c\r\n") == "abc\n"


def test_text_is_cut_visibly_and_not_inside_an_entity() -> None:
    assert fit("abcdef", 6) == "abcdef"
    assert fit("abcdefg", 6) == "abcde…"
    assert fit("&&&&", 10) == "&amp;…"
    assert fit("&&", 3) == "…"
    assert fit("anything", 0) == ""


@pytest.mark.parametrize(
    ("spans", "markup"),
    [
        (text(bold("5"), " of 9"), "*5* of 9"),
        (text(bold("No pledge: "), "NEC"), "*No pledge:* NEC"),
        (text("micro", bold("soft")), "microsoft"),
        (text("“", bold("Azure"), "’s"), "“*Azure*’s"),
        (text(bold("2 * 3")), "2 * 3"),
        (text(bold(" ")), " "),
        (text(code("/feed add")), "`/feed add`"),
        (text(code("a`b")), "a`b"),
        (text(Span(text="words", style=Style.QUOTE)), "_words_"),
        (text(link("Read", "https://a.org/?x=1&y=2")), "<https://a.org/?x=1&amp;y=2|Read>"),
        (text(link("Read", "javascript:alert(1)")), "Read"),
        (text(link("Read", "https://a.org/a|b c>")), "<https://a.org/a%7Cb%20c%3E|Read>"),
        (text(link("Read", "https://[a")), "Read"),
        (text(link("", "https://www.a.org/x")), "<https://www.a.org/x|a.org>"),
        (text(link("two\nlines", "https://a.org")), "<https://a.org|two lines>"),
        (text(Span(text="B", url="https://a.org", style=Style.BOLD)), "*<https://a.org|B>*"),
        (text(link("bank.com", "https://evil.org")), "<https://evil.org|bank.com (evil.org)>"),
        (
            text(link("See https://bank.com/x", "https://evil.org")),
            "<https://evil.org|See https://bank.com/x (evil.org)>",
        ),
        (text(link("a.org news", "https://www.a.org/n")), "<https://www.a.org/n|a.org news>"),
        (text(link("a.org", "https://news.a.org/n")), "<https://news.a.org/n|a.org>"),
        (text(instant(AT)), f"<!date^{int(AT.timestamp())}^{{date_short_pretty}}, {{time}}|2020-06-17 14:05 UTC>"),
        (text(instant(datetime(1900, 1, 1, tzinfo=UTC))), "1900-01-01 00:00 UTC"),
        (text(channel("C0123ABC")), "<#C0123ABC>"),
        (text(channel("user:U0123")), "direct messages"),
        (text(channel("<!here>")), "#&lt;!here&gt;"),
    ],
)  # fmt: skip
def test_spans_become_markup(spans: Text, markup: str) -> None:
    assert mrkdwn(spans, 3000) == markup


def test_a_link_is_kept_when_its_words_are_cut_and_dropped_when_it_is_too_long_itself() -> None:
    long = (link("word " * 50, "https://a.org/x"),)
    cut = mrkdwn(long, 100)
    assert len(cut) <= 100
    assert cut.startswith("<https://a.org/x|word ")
    assert cut.endswith("…>")
    assert mrkdwn((link("word " * 50, "https://a.org/" + "x" * 200),), 100).startswith("word word")
    assert mrkdwn(text("a" * 10, "b"), 10) == "aaaaaaaaaa"[:9] + "…"
    assert mrkdwn(text("a" * 9, instant(AT)), 10) == "a" * 9 + "…"


def test_only_web_addresses_are_linked() -> None:
    assert web_address("https://a.org/ü?q=a b") == "https://a.org/ü?q=a%20b"
    for bad in ("", "mailto:a@b.org", "https://", "https://a.org/\n", "data:,x", "//a.org"):
        assert web_address(bad) == ""
    assert web_address("https://a.org/" + "x" * 2000) == ""


# Cards


def test_an_alert_tells_what_happened_who_says_so_and_why_it_matters() -> None:
    message = drawn(ALERT)
    assert message.text == "Microsoft pitched face recognition to a federal agency"
    assert message.payload["unfurl_links"] is message.payload["unfurl_media"] is False
    assert [block["type"] for block in message.blocks] == [
        "context", "section", "context", "section", "actions",
    ]  # fmt: skip
    assert shown(message).splitlines() == [
        "*May bear on a pledge* · Microsoft",
        "*Microsoft pitched face recognition to a federal agency*",
        "E-mails show it.",
        "redmondmag.example · 2020-06-17 14:05 UTC · also in The Post, Slate",
        "*Microsoft’s pledge (11 June 2020):* no sales to US police.",
        "[The pledge]",
        "[Why this?]",
    ]
    markup = message.blocks[1]["text"]
    assert markup["verbatim"] is True
    assert links_in(markup["text"])[0][0] == "https://redmondmag.example/a?b=1&c=2"


def test_a_hostile_alert_calls_nobody_and_links_nowhere_else() -> None:
    card = replace(
        ALERT,
        title=HOSTILE, summary=HOSTILE, outlet=HOSTILE, subjects=(HOSTILE,), also_in=((HOSTILE, "javascript:x"),)
    )  # fmt: skip
    message = drawn(card)
    texts = [message.text, *(value for _, value in strings(list(message.blocks)))]
    targets = {url for value in texts for url, _ in links_in(value)}
    assert targets == {"https://redmondmag.example/a?b=1&c=2"}
    assert shown(message).count("<!channel>") == 5
    label = links_in(message.blocks[1]["text"]["text"])[0][1]
    assert label.endswith(" (redmondmag.example)")


def test_a_button_tells_its_token_and_its_danger_and_a_link_its_address() -> None:
    card = Notice(
        text=text("Sure?"),
        actions=(
            Action(label="Remove & forget", command="feed remove", danger=True),
            Action(label="Read", url="https://a.org/"),
            Action(label="Nowhere", url="javascript:x"),
        ),
    )
    [*_, actions] = drawn(card).blocks
    assert actions["elements"] == [
        {
            "type": "button",
            "action_id": "b0",
            "text": {"type": "plain_text", "text": "Remove &amp; forget"},
            "style": "danger",
            "value": "p1|0",
        },
        {
            "type": "button",
            "action_id": "b1",
            "text": {"type": "plain_text", "text": "Read"},
            "url": "https://a.org/",
        },
    ]


def test_a_notice_says_it_and_then_what_to_do() -> None:
    message = drawn(Notice(text=text("No."), hint=text("Try ", code("/feed add")), tone=Tone.WRONG))
    assert shown(message) == "No.\nTry `/feed add`"
    assert message.text == "No. Try /feed add"


def test_a_table_has_a_short_block_for_each_row_and_small_print_where_all_agree() -> None:
    rows = (
        Row(label="Covers", cells=("yes", "yes"), differs=False),
        Row(label="Ends", cells=("no date", "a national law")),
        Row(label="Exempt", cells=("nothing " * 8, "something " * 8)),
    )
    page = Page(
        title="Compared", blocks=(Table(columns=("IBM", "Amazon"), rows=rows),), note="Now."
    )
    message = drawn(page)
    assert [block["type"] for block in message.blocks] == [
        "header", "context", "section", "section", "context",
    ]  # fmt: skip
    assert shown(message).splitlines() == [
        "[Compared]",
        "*Covers*  yes (all)",
        "*Ends*",
        "IBM: no date · Amazon: a national law",
        "*Exempt*",
        f"IBM: {'nothing ' * 8}",
        f"Amazon: {'something ' * 8}".rstrip(),
        "Now.",
    ]


def test_what_does_not_fit_is_left_out_at_the_end_and_said() -> None:
    items = tuple(text(f"{number} ", "word " * 30) for number in range(200))
    page = Page(
        title="Long",
        blocks=(Bullets(items=items),),
        note="The note stays.",
        actions=(Action(label="More", command="feed list"),),
    )
    lines = shown(drawn(page)).splitlines()
    assert lines[-2:] == ["The note stays.", "[More]"]
    told = [line for line in lines if line.startswith("•")]
    assert lines[-3] == f"…{200 - len(told)} more lines do not fit in one message."
    assert 40 < len(told) < 200


def test_a_digest_lists_and_counts() -> None:
    digest = Digest(
        title="12 stories", items=(text(bold("IBM: "), link("A", "https://a.org")),), more=11
    )
    assert shown(drawn(digest)) == "[12 stories]\n• *IBM:* A\n…and 11 more"


def test_a_form_where_none_can_be_shown_says_what_to_type() -> None:
    command = REGISTRY.find("company alias")
    assert command is not None
    said = shown(drawn(form_for(command, {"company": "IBM"}, fault="Not so.")))
    assert "Not so." in said
    assert 'Type it like this: `/company alias IBM alias:"Azure Face"`' in said
    assert "*remove:*  Take it away instead (optional)" in said


# Spelling and manifest


def test_a_prefix_is_taken_off_what_is_typed_and_put_on_what_is_said() -> None:
    spelling = Spelling.of(REGISTRY, Slack(command_prefix="pw-"))
    assert spelling.slash("feed") == "/pw-feed"
    assert spelling.line("/pw-feed", "list") == "/feed list"
    assert spelling.line("/pledgewatch", "feed list") == "/pledgewatch feed list"
    assert spelling.line("/PW-Pledgewatch", "") == "/pledgewatch"
    assert spelling.line("/other", "x") == "/other x"
    page = Page(
        title="/feed: what is read",
        blocks=(
            Paragraph(text=text(code("/feed add"), " or /pledgewatch help.")),
            Paragraph(text=text(link("/feed", "https://a.org/feed"), " at https://a.org/feed/add")),
        ),
        actions=(Action(label="/feed list", command="feed list"),),
    )
    said = shown(render(spelling.respelled(page), {page.actions[0]: "x"}))
    assert said.splitlines() == [
        "[/pw-feed: what is read]",
        "`/pw-feed add` or /pw-pledgewatch help.",
        "/feed at https://a.org/feed/add",
    ]
    assert spelling.respelled(replace(ALERT, title="/feed")).title == "/feed"


def test_entities_in_what_is_typed_are_characters() -> None:
    spelling = Spelling.of(REGISTRY, Slack())
    typed = "add https://a.org/?a=1&amp;b=2&amp;lt;"
    assert spelling.line("/feed", typed) == "/feed add https://a.org/?a=1&b=2&lt;"


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("prefix", ["", "pw-"])
def test_the_manifest_declares_every_noun_and_no_more_than_it_needs(mode: str, prefix: str) -> None:
    source = slack_manifest(
        REGISTRY, Slack(mode=mode, command_prefix=prefix), "https://bot.example"
    )
    manifest = read_manifest(json.loads(json.dumps(source)))
    expected = {f"/{prefix}{noun}" for noun in REGISTRY.nouns} | {"/pledgewatch"}
    assert set(manifest.commands) == expected
    assert manifest.scopes == {"commands", "chat:write", "users:read"}
    assert manifest.events == {"app_uninstalled", "tokens_revoked"}
    assert manifest.socket_mode is (mode == "socket")
    urls = {command.get("url") for command in manifest.commands.values()}
    assert urls == {None if mode == "socket" else "https://bot.example/slack/events"}
    hint = manifest.commands[f"/{prefix}feed"]["usage_hint"]
    assert hint == "add url | list | remove feed | test url"


def test_the_manifest_can_be_made_before_the_address_is_known() -> None:
    read_manifest(slack_manifest(REGISTRY, Slack(mode="http")))


def test_too_many_commands_are_noticed() -> None:
    registry = Registry((), {f"n{number}": "x" for number in range(51)})
    with pytest.raises(UserError, match="50"):
        slack_manifest(registry, Slack())


@pytest.mark.parametrize("prefix", ["x" * 40, "a b", "é"])
def test_a_prefix_that_slack_would_refuse_is_noticed(prefix: str) -> None:
    with pytest.raises(UserError, match="command_prefix"):
        slack_manifest(REGISTRY, Slack(command_prefix=prefix))


# Whatever the text


pieces = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.sampled_from([HOSTILE, "&" * 60, "<" * 60, "x" * 400, "a.b/c@d.e ", "\n\n", " ", "`*_~>"]),
)
words = st.builds(lambda part, times: part * times, pieces, st.sampled_from([1, 1, 1, 3, 60]))
urls = st.one_of(
    st.sampled_from(
        ["", "https://a.org/x", "http://[", "javascript:x", "https://a.org/" + "&" * 900]
    ),
    words.map(lambda part: f"https://{part}"),
)
moments = st.datetimes().map(lambda at: at.replace(tzinfo=UTC))
spans = st.builds(
    Span,
    text=words,
    style=st.sampled_from(Style),
    url=st.one_of(st.just(""), urls),
    at=st.one_of(st.none(), st.none(), moments),
)
texts = st.lists(spans, max_size=4).map(tuple)
actions = st.lists(
    st.builds(
        Action,
        label=words,
        command=st.sampled_from(["", "feed list"]),
        arguments=st.tuples(st.tuples(st.just("page"), words)),
        url=urls,
        danger=st.booleans(),
    ),
    max_size=30,
).map(tuple)
facts = st.lists(st.builds(Fact, label=words, value=texts), max_size=6).map(tuple)
rows = st.lists(
    st.builds(
        Row, label=words, cells=st.lists(words, max_size=4).map(tuple), differs=st.booleans()
    ),
    max_size=60,
).map(tuple)
blocks = st.one_of(
    st.builds(Paragraph, text=texts),
    st.builds(Heading, text=words),
    st.builds(Facts, facts=facts),
    st.builds(Bullets, items=st.lists(texts, max_size=30).map(tuple)),
    st.builds(Table, columns=st.lists(words, max_size=4).map(tuple), rows=rows),
)
many_words = st.lists(words, max_size=20).map(tuple)
many_texts = st.lists(texts, max_size=20).map(tuple)
inputs = st.lists(
    st.builds(
        Input,
        name=st.sampled_from(["company", "alias", "remove"]),
        label=words,
        placeholder=words,
        value=words,
        required=st.booleans(),
        choices=st.lists(words, max_size=3).map(tuple),
        long=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda one: one.name,
).map(tuple)
cards: st.SearchStrategy[Card] = st.one_of(
    st.builds(
        AlertCard,
        kind=st.sampled_from(AlertKind),
        subjects=many_words,
        title=words,
        url=urls,
        summary=words,
        published_at=moments,
        outlet=words,
        also_in=st.lists(st.tuples(words, urls), max_size=20).map(tuple),
        background=many_texts,
        actions=actions,
    ),
    st.builds(
        PledgeCard,
        company=words,
        title=words,
        badge=words,
        promise=texts,
        coverage=facts,
        facts=facts,
        leaves_out=many_words,
        history=facts,
        sources=many_texts,
        as_of=words,
        actions=actions,
    ),
    st.builds(
        Page,
        title=words,
        blocks=st.lists(blocks, max_size=60).map(tuple),
        note=words,
        actions=actions,
    ),
    st.builds(Notice, text=texts, tone=st.sampled_from(Tone), hint=texts, actions=actions),
    st.builds(Digest, title=words, items=many_texts, more=st.integers(0, 10**9), actions=actions),
    st.builds(Form, title=words, command=st.just("company alias"), fields=inputs, fault=words),
)
patient = settings(
    max_examples=40,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@patient
@given(cards)
def test_slack_takes_any_card(card: Card) -> None:
    message = drawn(card)
    assert check_message_blocks(list(message.blocks)) == []
    view = reply_view(message, "Reply", Reference(token="t", channel="C1"))
    assert check_view(view) == []


@patient
@given(st.builds(Form, title=words, command=words, fields=inputs, fault=words))
def test_slack_takes_any_form(form: Form) -> None:
    command = REGISTRY.find("company alias")
    assert command is not None
    opened(form, command)


@given(texts, st.integers(1, 3000))
def test_markup_never_outgrows_its_limit(spans: Text, limit: int) -> None:
    markup = mrkdwn(spans, limit)
    assert len(markup) <= limit
    assert pings_in(markup) == []
