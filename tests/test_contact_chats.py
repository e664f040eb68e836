"""`/contact` in both chats, with the real SDKs: private, and nothing typed comes back or stays."""

from datetime import UTC, datetime

import pytest

from bot.chats.discord_text import draw
from bot.chats.slack_markup import mrkdwn
from domain.cards import link, text
from domain.people import Located
from feeds.rosters_congress import read_congress
from storage.db import Database
from tests.discord_bench import make_bench
from tests.fakes import FakePlaces
from tests.slack_bench import form, open_bench, said
from tests.synthetic_rosters import congress_files

NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)
ADDRESS = "48611 Quillfeather Lane, Springfield, WA"
FOUND = Located(state="wa", house=("ocd-division/country:us/state:wa/cd:7",), lines=119)


async def fill(database: Database) -> None:
    roster = read_congress(congress_files())
    await database.write(lambda tx: tx.people.swap(roster, [], NOW))


async def test_discord_asks_answers_in_private_and_forgets_a_refused_address() -> None:
    async with make_bench(record=False) as bench, bench.connected():
        await fill(bench.database)
        places, ben = bench.desk._places, bench.guild.add_member("ben")
        assert isinstance(places, FakePlaces)
        opened = await bench.discord.slash(ben, bench.channel, "/contact find")
        assert opened.modal is not None
        refused = await bench.discord.submit(ben, opened.modal, place=ADDRESS)
        assert refused.ephemeral
        assert "does not know this address" in refused.text
        assert "48611" not in refused.text
        again = await bench.discord.click(ben, refused.message, "Change it")
        assert again.modal is not None
        assert [one.get("value") for _, one in again.modal.inputs] == [None]
        places.answers[ADDRESS] = FOUND
        found = await bench.discord.submit(ben, again.modal, place=ADDRESS)
        assert found.ephemeral
        assert "Rep. Wa Seven" in found.text
        assert "48611" not in found.text
        kept = await bench.discord.click(ben, found.message, "Remember my districts")
        assert "Remembered for you in this community: US House · WA-7" in kept.text
        assert kept.ephemeral


async def test_slack_asks_answers_in_private_and_tells_nothing_back() -> None:
    async with open_bench() as bench, bench.listening("socket"):
        await fill(bench.database)
        view = await form(bench, bench.member, "/contact find")
        reply = await bench.slack.submit(bench.member, view, place=ADDRESS)
        assert "48611" not in str(reply.errors)
        assert "does not know this address" in reply.errors["place"]
        reply = await bench.slack.submit(bench.member, view, place="00000")
        assert "street address" in reply.errors["place"]
        message = await said(bench, bench.member, "/contact legislator wa seven")
        assert "Rep. Wa Seven" in message.shown
        assert "<tel:+12025550107|202-555-0107>" in str(message.blocks)
    assert bench.slack.refusals == []


NUMBER = link("202-555-0107", "tel:+12025550107")
MAIL = link("ada@example.org", "mailto:ada@example.org?subject=Support%20it&body=Hi")


def test_slack_links_numbers_and_drafts_and_discord_shows_them_plain() -> None:
    assert mrkdwn((NUMBER,), 900) == "<tel:+12025550107|202-555-0107>"
    assert mrkdwn((MAIL,), 900) == (
        "<mailto:ada@example.org?subject=Support%20it&amp;body=Hi|ada@example.org>"
    )
    assert draw((NUMBER,), 900) == "202-555-0107"
    assert draw((MAIL,), 900) == "ada@example.org"


@pytest.mark.parametrize(
    "url",
    [
        "tel:+1|<!channel>",
        "tel:911;ext=1",
        "mailto:a@b.org|<!here>",
        "mailto:x",
        "sms:+12025550107",
    ],
)
def test_nothing_else_becomes_a_link_in_slack(url: str) -> None:
    assert mrkdwn(text(link("words", url)), 900) == "words"
