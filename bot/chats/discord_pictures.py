"""Pictures, calendars and tables as files that a reply of components refers to by name."""

import asyncio
from io import BytesIO

import discord

from bot.calendar.ics import calendar_file
from bot.pictures.album import png_of
from domain.cards import Card, Page
from domain.pictures import Picture


def file_name(picture: Picture) -> str:
    """What the file is called; Discord keeps letters, digits and - as they are."""
    return f"{picture.name}.png"


def file_names(page: Page) -> list[str]:
    """What the files are called that stand below a page."""
    named = (page.calendar, page.table)
    return [one.file_name for one in named if one]


async def files_of(card: Card) -> list[discord.File]:
    """Return the files that `card` refers to, made beside the event loop; good for one message."""
    files: list[discord.File] = []
    if isinstance(card, Page) and card.picture:
        drawn = await asyncio.to_thread(png_of, card.picture)
        said = card.picture.alt
        files.append(discord.File(BytesIO(drawn), file_name(card.picture), description=said))
    if isinstance(card, Page) and card.calendar:
        written = await asyncio.to_thread(calendar_file, card.calendar)
        files.append(discord.File(BytesIO(written), card.calendar.file_name))
    if isinstance(card, Page) and card.table:
        files.append(discord.File(BytesIO(card.table.body.encode()), card.table.file_name))
    return files
