"""Pictures as files that a reply of components refers to by name."""

import asyncio
from io import BytesIO

import discord

from bot.pictures.album import png_of
from domain.cards import Card, Page
from domain.pictures import Picture


def file_name(picture: Picture) -> str:
    """What the file is called; Discord keeps letters, digits and - as they are."""
    return f"{picture.name}.png"


async def files_of(card: Card) -> list[discord.File]:
    """Return the files that `card` refers to, drawn beside the event loop; good for one message."""
    if not isinstance(card, Page) or card.picture is None:
        return []
    picture = card.picture
    drawn = await asyncio.to_thread(png_of, picture)
    return [discord.File(BytesIO(drawn), file_name(picture), description=picture.alt)]
