"""The campaign's card in each chat: within limits, whatever its words are."""

from datetime import UTC, datetime

import pytest

from bot.alerts import alert_card
from bot.chats.discord_render import render_post, render_reply
from bot.chats.slack_render import render as render_slack
from bot.chats.terminal_chat import TerminalChat, make_console
from domain.cards import Action, AlertCard, CampaignCard, text
from domain.model import ChannelRef, Outlet, StoryView, WatchKind, WatchMatch
from domain.record import Record
from tests.discord_bench import check_reply, payload_of
from tests.doubles.discord.check_messages import check_message
from tests.doubles.slack.blocks import check_message_blocks
from tests.doubles.slack.mrkdwn import read, strings
from tests.stage import SPACE

HOSTILE = "@everyone <!channel> <@1> [x](http://evil.example) *look* "
CALL = Action(label="Make a call", command="campaign join", arguments=(("campaign", "1"),))
CARD = CampaignCard(
    title="Call the Committee on Examples: support WA SB 9901",
    ends="ends Tuesday 2 June 2020, 10:00 PDT",
    calls=61,
    goal=100,
    people=23,
    least="Sen. Example (2)",
    actions=(CALL,),
)
TOKENS = {CALL: "p1|call"}
LONG = CampaignCard(
    title=HOSTILE * 60,
    ends=HOSTILE * 60,
    calls=10**9,
    goal=1,
    people=10**9,
    least=HOSTILE * 60,
    badge="Closed",
    told=text(HOSTILE * 60),
    actions=tuple(Action(label=HOSTILE * 9, command=f"c {one}") for one in range(40)),
)


async def test_discord_shows_bar_counts_and_end() -> None:
    post = render_post(CARD, TOKENS)
    assert post.content == f"Campaign · {CARD.title}"
    (embed,) = post.embeds
    assert str(embed.description).splitlines() == [
        "████████████░░░░░░░░",
        "61 of 100 calls · 23 people · least called: Sen. Example (2)",
        "-# Campaign · ends Tuesday 2 June 2020, 10:00 PDT",
    ]


async def test_whatever_its_words_it_stays_within_the_limits() -> None:
    tokens = {one: f"p1|{one.command}" for one in LONG.actions}
    check_message(payload_of(render_post(LONG, tokens)), [])
    check_reply(render_reply(LONG, tokens))
    message = render_slack(LONG, tokens)
    assert check_message_blocks(list(message.blocks)) == []
    said = " ".join(value for _, value in strings(list(message.blocks)))
    assert "<!channel>" not in said


def test_slack_shows_bar_counts_and_end() -> None:
    message = render_slack(CARD, TOKENS)
    blocks = list(message.blocks)
    assert check_message_blocks(blocks) == []
    said = "\n".join(read(value) for _, value in strings(blocks))
    for words in (CARD.bar, CARD.counts, "ends Tuesday 2 June 2020, 10:00 PDT", CARD.title):
        assert words in said


async def test_the_terminal_draws_it_and_says_what_changed() -> None:
    console = make_console()
    chat = TerminalChat(console)
    where = ChannelRef(space=SPACE, external_id="terminal")
    with console.capture() as taken:
        message = await chat.post(where, CARD, "k")
        await chat.edit(where, message, LONG)
    shown = taken.get()
    assert CARD.bar in shown
    assert CARD.counts in shown
    assert "1000000000 of 1 calls" in shown


@pytest.mark.parametrize(
    ("calls", "goal", "filled"), [(0, 10, 0), (1, 1000, 1), (5, 10, 10), (30, 10, 20)]
)
def test_the_bar_is_full_at_the_goal_and_never_empty_after_a_call(
    calls: int, goal: int, filled: int
) -> None:
    card = CampaignCard(title="", ends="", calls=calls, goal=goal, people=1)
    assert card.bar == "█" * filled + "░" * (20 - filled)


def test_an_alert_about_a_bill_leads_to_those_who_decide() -> None:
    view = StoryView(
        story_id=1,
        title="A synthetic bill",
        url="https://news.example/1",
        summary="",
        published_at=datetime(2026, 11, 2, tzinfo=UTC),
        outlets=(Outlet(source_id=1, name="News", url="https://news.example/1", title=""),),
        matches=(
            WatchMatch(kind=WatchKind.BILL, key="us 119 HR 9901", label="US HR 9901", words=()),
        ),
    )
    card: AlertCard = alert_card(view, Record(), datetime(2026, 11, 2, tzinfo=UTC).date())
    (button,) = [one for one in card.actions if one.label == "Contact legislators"]
    assert button.typed == '/campaign join about:"us 119 HR 9901"'
