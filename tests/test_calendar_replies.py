"""How a calendar is handed out: a file on Discord, a word on where to get it elsewhere."""

import pytest
from icalendar import Calendar as File

from bot.chats.slack_render import render as render_slack
from bot.chats.terminal_chat import make_console
from bot.chats.terminal_render import render as render_terminal
from domain.calendars import Calendar
from domain.cards import Bullets, Page, Reply, text
from tests.discord_bench import Bench
from tests.doubles.discord import Member
from tests.doubles.slack.blocks import check_message_blocks
from tests.doubles.slack.mrkdwn import read, strings
from tests.hearings import edition

COMMAND = "pledgewatch calendar --space slack:T1 --channel C1"
CALENDAR = Calendar(
    name="wa-sb-9901", title="Hearings of WA SB 9901", editions=(edition(),), command=COMMAND
)
PAGE = Page(
    title=CALENDAR.title, blocks=(Bullets(items=(text("One hearing."),)),), calendar=CALENDAR
)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("takes", [0.0, 0.1])
async def test_discord_shows_the_file_itself(bench: Bench, ben: Member, takes: float) -> None:
    bench.add_command(Reply(card=PAGE), takes=takes)
    async with bench.connected():
        await bench.discord.slash(ben, bench.channel, "/feed try")
        message = await bench.shown_to(ben)
    (file,) = message.files
    assert message.unseen == []
    assert file.filename == "wa-sb-9901.ics"
    assert message.ephemeral
    (event,) = File.from_ical(file.content).walk("VEVENT")
    assert "WA SB 9901" in str(event["SUMMARY"])


def test_slack_says_who_can_write_the_file() -> None:
    message = render_slack(PAGE, {})
    blocks = list(message.blocks)
    assert check_message_blocks(blocks) == []
    said = " ".join(read(value) for _, value in strings(blocks))
    assert "Slack shows no file in a private answer." in said
    assert COMMAND in said


def test_the_terminal_says_how_to_write_the_file() -> None:
    console = make_console()
    with console.capture() as taken:
        console.print(render_terminal(PAGE, console.width))
    assert f"{COMMAND} > wa-sb-9901.ics" in " ".join(taken.get().split())
