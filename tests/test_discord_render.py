"""Cards as Discord messages: what they look like."""

import re
from datetime import UTC, datetime
from typing import Any

from discord import ui

from bot.chats.discord_render import render_post, render_reply
from domain.cards import (
    Action,
    AlertCard,
    AlertKind,
    Digest,
    Fact,
    Notice,
    Page,
    Paragraph,
    PledgeCard,
    Row,
    Table,
    Tone,
    bold,
    channel,
    link,
    text,
)
from tests.discord_bench import check_reply, payload_of, sent, words_of
from tests.doubles.discord import components

AT = datetime(2020, 6, 17, 14, 5, tzinfo=UTC)


STORY = "https://redmondmag.com/articles/2020/06/17/face.aspx"


WHY = Action(label="Why this?", command="pledgewatch why", arguments=(("alert", "1"),))


THE_PLEDGE = Action(label="The pledge", command="pledge show", arguments=(("company", "ms"),))


ALERT = AlertCard(
    kind=AlertKind.PLEDGE,
    subjects=("Microsoft",),
    title="Microsoft pitched face recognition to a federal agency, e-mails show",
    url=STORY,
    summary="Newly released e-mails show a pitch to the DEA.",
    published_at=AT,
    outlet="Redmond Magazine",
    also_in=(("The Post", "https://post.example/a"), ("Slate", "")),
    background=(text(bold("Microsoft’s pledge (11 June 2020): "), "no sales to US police."),),
    actions=(THE_PLEDGE, WHY),
)


TOKENS = {WHY: "p1|why", THE_PLEDGE: "p1|pledge"}


def kinds_of(view: ui.LayoutView) -> list[int]:
    return [one["type"] for one in components.each(sent(view))]


def buttons_of(view: ui.LayoutView) -> list[dict[str, Any]]:
    return [one for one in components.each(sent(view)) if one["type"] == 2]


async def test_an_alert_is_a_line_an_embed_and_buttons() -> None:
    post = render_post(ALERT, TOKENS)
    assert post.content == (
        "May bear on a pledge · Microsoft pitched face recognition to a federal agency, e-mails show"
    )
    (embed,) = payload_of(post)["embeds"]
    assert embed == {
        "type": "rich",
        "flags": 0,
        "color": 0xC77700,
        "title": "Microsoft pitched face recognition to a federal agency, e-mails show",
        "url": STORY,
        "description": (
            "Redmond Magazine · <t:1592402700:f> · also in [The Post](https://post.example/a), "
            "Slate\n\nNewly released e-mails show a pitch to the DEA.\n\n"
            "**Microsoft’s pledge (11 June 2020):** no sales to US police."
        ),
    }
    (row,) = sent(post.view)
    assert [(one["label"], one["custom_id"], one["style"]) for one in row["components"]] == [
        ("The pledge", "p1|pledge", 2),
        ("Why this?", "p1|why", 2),
    ]


async def test_each_kind_of_alert_has_its_colour() -> None:
    posts = [
        render_post(AlertCard(**{**_fields(ALERT), "kind": kind}), TOKENS) for kind in AlertKind
    ]
    assert len({post.embeds[0].colour for post in posts}) == len(AlertKind)


def _fields(card: AlertCard) -> dict[str, Any]:
    return {name: getattr(card, name) for name in AlertCard.__dataclass_fields__}


async def test_a_title_that_pretends_leads_nowhere_and_the_outlet_does() -> None:
    title = "Log in at https://bank.example/login now"
    card = AlertCard(**{**_fields(ALERT), "title": title})
    (embed,) = render_post(card, TOKENS).embeds
    assert embed.url is None
    assert embed.title == r"Log in at https\://bank.example/login now"
    assert embed.description is not None
    assert embed.description.startswith(f"[Redmond Magazine]({STORY}) · ")


async def test_a_notice_is_one_line_and_its_rest_an_embed() -> None:
    post = render_post(Notice(text=text("Alerts for ", channel("5"), " are paused.")), {})
    assert (post.content, post.embeds) == ("Alerts for <#5> are paused.", ())
    post = render_post(Notice(text=text("word " * 60), hint=text("Do this.")), {})
    assert len(post.content) <= 200
    assert post.content.endswith("…")
    assert post.embeds[0].description == f"{('word ' * 60).strip()}\n\nDo this."
    post = render_post(Notice(text=text("See ", link("there", "https://a.example"))), {})
    assert post.content == "See there"  # a link in it would unfurl
    assert post.embeds[0].description == "See [there](https://a.example)"


async def test_a_digest_names_its_first_story_in_the_notification() -> None:
    items = tuple(
        text(bold("IBM: "), link(f"Story {n}", "https://a.example"), " · x") for n in range(3)
    )
    post = render_post(Digest(title="3 stories", items=items, more=2), {})
    assert post.content == "3 stories: IBM: Story 0 · x"
    assert post.embeds[0].title == "3 stories"
    assert post.embeds[0].description is not None
    assert post.embeds[0].description.splitlines() == [
        "- **IBM:** [Story 0](https://a.example) · x",
        "- **IBM:** [Story 1](https://a.example) · x",
        "- **IBM:** [Story 2](https://a.example) · x",
        "-# …and 2 more",
    ]


PLEDGE = PledgeCard(
    company="Amazon",
    title="Pause on police use of Rekognition",
    badge="NARROWED · by spring 2022",
    promise=text("No police use of it for one year."),
    coverage=(Fact(label="Covered", value=text("local and state police")),),
    facts=(Fact(label="Ends", value=text("no date")),),
    leaves_out=("Federal agencies.",),
    history=(Fact(label="2020-06-10", value=text(bold("announced"), ": one year")),),
    sources=(text("CNBC, ", link("report", "https://cnbc.example/1")),),
    as_of="As of 1 March 2021",
    actions=(THE_PLEDGE,),
)


async def test_a_pledge_is_laid_out_by_importance() -> None:
    view = render_reply(PLEDGE, TOKENS)
    head, *rest = components.texts(sent(view))
    assert head == (
        "### Amazon · Pause on police use of Rekognition\n**NARROWED · by spring 2022**\n"
        "No police use of it for one year."
    )
    assert rest == [
        "**Covered** local and state police\n**Ends** no date",
        "**What it leaves out**\n- Federal agencies.",
        "**What happened**\n- 2020-06-10 · **announced**: one year",
        "**Sources**\n-# CNBC, [report](https://cnbc.example/1)\n-# As of 1 March 2021.",
    ]
    assert sent(view)[0]["accent_color"] == 0xC77700
    assert kinds_of(view) == [17, 10, 14, 10, 14, 10, 14, 10, 14, 10, 1, 2]


async def test_too_long_a_pledge_loses_its_sources_first_and_says_so() -> None:
    many = PledgeCard(
        **{
            **{name: getattr(PLEDGE, name) for name in PledgeCard.__dataclass_fields__},
            "sources": tuple(text(f"Outlet {n} {'s' * 300}") for n in range(12)),
            "leaves_out": tuple(f"Gap {n} {'g' * 300}" for n in range(9)),
        }
    )
    words = words_of(render_reply(many, TOKENS))
    assert len(words) <= 4000
    assert "Gap 8" in words
    assert re.search(r"-# …and \d+ more sources", words)
    assert "No police use of it" in words
    assert "announced" in words


TABLE = Table(
    columns=("IBM", "Amazon", "Microsoft"),
    rows=(
        Row(label="Police", cells=("covered", "covered", "covered"), differs=False),
        Row(label="Military", cells=("covered", "unstated", "unstated")),
    ),
)


async def test_a_table_becomes_a_short_block_a_row() -> None:
    page = Page(title="Pledges compared", blocks=(TABLE, Paragraph(text=text("No pledge: NEC."))))
    assert words_of(render_reply(page, {})) == (
        "### Pledges compared\n-# **Police** covered\n**Military**\n"
        "IBM: covered · Amazon, Microsoft: unstated\n\nNo pledge: NEC."
    )


async def test_too_long_a_table_says_how_many_rows_are_missing() -> None:
    rows = tuple(Row(label=f"Row {n}", cells=("a" * 150, "b" * 150)) for n in range(40))
    page = Page(title="Compared", blocks=(Table(columns=("A", "B"), rows=rows),), note="Unstated.")
    words = words_of(render_reply(page, {}))
    assert re.search(r"-# …and \d+ more rows: ask for fewer companies", words)
    assert words.endswith("-# Unstated.")


async def test_notices_have_the_colour_of_their_tone() -> None:
    views = [render_reply(Notice(text=text("Done."), tone=tone), {}) for tone in Tone]
    assert len({sent(view)[0]["accent_color"] for view in views}) == len(Tone)


async def test_buttons_are_cut_told_apart_and_limited() -> None:
    again = Action(label="The same", command="x", arguments=(("a", "1"),))
    actions = [
        Action(label=f"Number {n} {'x' * 90}", command="x", arguments=(("a", str(n)),))
        for n in range(30)
    ]
    tokens = {one: f"p1|{one.arguments}" for one in actions} | {again: f"p1|{again.arguments}"}
    card = Page(title="t", actions=(*actions[:2], again, *actions[2:]))
    view = render_reply(card, tokens)
    check_reply(view)
    buttons = buttons_of(view)
    assert len(buttons) == 25
    assert all(len(one["label"]) <= 80 for one in buttons)
    assert "The same" not in {one["label"] for one in buttons}


async def test_links_are_link_buttons_and_never_pretend() -> None:
    actions = (
        Action(label="Read it", url="https://a.example/1"),
        Action(label="bank.example", url="https://evil.example/1"),
        Action(label="Nothing", url="javascript:alert(1)"),
        Action(label="Delete", command="x", danger=True),
    )
    view = render_reply(Notice(text=text("x"), actions=actions), {actions[3]: "p1|x"})
    assert [(one["label"], one["style"], one.get("url")) for one in buttons_of(view)] == [
        ("Read it", 5, "https://a.example/1"),
        ("evil.example", 5, "https://evil.example/1"),
        ("Delete", 4, None),
    ]
