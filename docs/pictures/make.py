"""Draws the pictures of the README from what the real renderers make.

    python docs/pictures/make.py && chromium --headless --screenshot=docs/pictures/discord.png \
        --window-size=640,400 --force-device-scale-factor=2 docs/pictures/discord.html

The pages only imitate the chats' looks; the words, their order and the buttons are the program's.
The timeline is drawn as it is sent.
"""

import html
import re
from datetime import UTC, date, datetime
from pathlib import Path

from bot.alerts import alert_card
from bot.chats.discord_render import render_post
from bot.chats.slack_render import render
from bot.pictures.album import png_of
from bot.records import shipped_record
from commands.timelines import timeline_of
from domain.cards import Action, AlertCard
from domain.model import Outlet, StoryView, WatchKind, WatchMatch
from domain.pictures import Picture

HERE = Path(__file__).parent
OUTLETS = ("Demo Wire", "Evening Paper (demo)", "Civic Desk (demo)")


def example() -> AlertCard:
    """The alert of 11 June 2020, as the demo shows it."""
    outlets = tuple(
        Outlet(source_id=number, name=name, url=f"https://outlet{number}.example/", title="")
        for number, name in enumerate(OUTLETS)
    )
    view = StoryView(
        story_id=4,
        title="Microsoft will not sell facial recognition to US police until there is a national law",
        url="https://wire.example/2020/06/11/microsoft-police",
        summary="Microsoft's president says the company waits for a national law grounded in human "
        "rights. He would not say whether that goes for federal agencies.",
        published_at=datetime(2020, 6, 11, 17, 15, tzinfo=UTC),
        outlets=outlets,
        matches=(WatchMatch(kind=WatchKind.COMPANY, key="microsoft", label="Microsoft", words=()),),
    )
    return alert_card(view, shipped_record(), date(2020, 6, 11))


def timeline() -> Picture:
    """The three pledges that the project began with."""
    record = shipped_record()
    companies = [one for one in record.companies if one.key in {"amazon", "ibm", "microsoft"}]
    picture = timeline_of(companies, record.bills, date(2024, 6, 1))
    assert picture is not None
    return picture


def tokens(card: AlertCard) -> dict[Action, str]:
    """Something to put into the buttons."""
    return {action: f"p1|{number}" for number, action in enumerate(card.actions)}


def discord_page(card: AlertCard) -> str:
    """The alert in Discord."""
    import discord  # noqa: PLC0415 - only here

    post = render_post(card, tokens(card))
    embed = post.embeds[0]
    body = markdown(embed.description or "")
    buttons = "".join(
        f"<b class=button>{html.escape(child.label or '')}</b>"
        for child in post.view.children
        if isinstance(child, discord.ui.Button)
    )
    colour = f"#{embed.colour.value:06x}" if embed.colour else "#888"
    return f"""<style>
    body {{ background:#313338; color:#dbdee1; font:16px/1.4 "Noto Sans",sans-serif; margin:20px }}
    .embed {{ background:#2b2d31; border-left:4px solid {colour}; border-radius:4px;
      padding:12px 16px; margin:6px 0 8px; max-width:520px; font-size:14.5px }}
    h4 {{ margin:0 0 8px; font-size:16px; color:#00a8fc }} a {{ color:#00a8fc; text-decoration:none }}
    .name {{ color:#f2f3f5; font-weight:600 }} i {{ background:#5865f2; color:#fff; font-style:normal;
      border-radius:3px; font-size:10px; padding:1px 4px; vertical-align:2px }}
    .button {{ background:#4e5058; color:#fff; border-radius:4px; padding:7px 15px; font-size:14px;
      font-weight:500; margin-right:8px; display:inline-block }} p {{ margin:0 0 10px }}</style>
    <span class=name>Pledgewatch</span> <i>APP</i><div>{markdown(post.content)}</div>
    <div class=embed><h4>{html.escape(plain(embed.title or ""))}</h4>{body}</div>{buttons}"""


def slack_page(card: AlertCard) -> str:
    """The alert in Slack."""
    message = render(card, tokens(card))
    return f"""<style>
    body {{ background:#fff; color:#1d1c1d; font:15px/1.46 "Noto Sans",sans-serif; margin:20px }}
    .context {{ color:#616061; font-size:13px; margin:4px 0 }} a {{ color:#1264a3; text-decoration:none }}
    .section {{ margin:6px 0; max-width:560px }} .name {{ font-weight:800 }}
    i {{ background:#e8e8e8; color:#616061; font-style:normal; border-radius:2px; font-size:10px;
      padding:1px 3px; vertical-align:2px }}
    .button {{ border:1px solid #bbb; border-radius:8px; padding:6px 12px; font-size:14px;
      font-weight:700; margin:6px 8px 0 0; display:inline-block }}</style>
    <span class=name>Pledgewatch</span> <i>APP</i>{"".join(map(slack_block, message.blocks))}"""


def slack_block(block: object) -> str:
    """One block of a Slack message."""
    assert isinstance(block, dict)
    match block["type"]:
        case "context":
            texts = "".join(mrkdwn(one["text"]) for one in block["elements"])
            return f"<div class=context>{texts}</div>"
        case "actions":
            labels = (one["text"]["text"] for one in block["elements"])
            return "".join(f"<b class=button>{html.escape(one)}</b>" for one in labels)
        case _:
            return f"<div class=section>{mrkdwn(block['text']['text'])}</div>"


def markdown(text: str) -> str:
    """Discord's markdown, as far as alerts use it."""
    text = html.escape(text, quote=False)
    text = re.sub(r"&lt;t:\d+:f&gt;", "11 June 2020 17:15", text)
    text = re.sub(
        r"\[((?:[^\]\\]|\\.)*)\]\((?:&lt;)?([^)&]*)(?:&gt;)?\)", r'<a href="\2">\1</a>', text
    )
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return "".join(f"<p>{one}</p>" for one in plain(text).split("\n\n"))


def mrkdwn(text: str) -> str:
    """Slack's markup, as far as alerts use it."""
    text = re.sub(r"<!date\^\d+\^[^|]*\|[^>]*>", "June 11, 2020 at 5:15 PM", text)
    text = re.sub(r"<(https?://[^|>]+)\|([^>]+)>", r'<a href="\1">\2</a>', text)
    return re.sub(r"\*(.+?)\*", r"<b>\1</b>", text).replace("\n", "<br>")


def plain(text: str) -> str:
    """Without the backslashes that keep strangers' characters from acting."""
    return re.sub(r"\\([^\w\s])", r"\1", text)


def main() -> None:
    """Write the pages."""
    import asyncio  # noqa: PLC0415 - discord.py makes views in a loop only

    async def write() -> None:
        card = example()
        (HERE / "discord.html").write_text(discord_page(card), "utf-8")
        (HERE / "slack.html").write_text(slack_page(card), "utf-8")

    asyncio.run(write())
    (HERE / "timeline.png").write_bytes(png_of(timeline()))


if __name__ == "__main__":
    main()
