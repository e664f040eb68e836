"""Cards as Discord shows them. Pure: a card and the tokens of its buttons in, a message out.

What is posted has a line of content, which is all that a phone's notification shows, an embed
and buttons. Replies to commands are laid out from components alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import ui

from bot.chats.discord_parts import (
    Above,
    Part,
    bullet_lines,
    fact_lines,
    fit,
    headed,
    laid_out,
    part_of,
    small,
)
from bot.chats.discord_pictures import file_name, file_names
from bot.chats.discord_text import draw, draw_words, is_honest, visible, web_address
from domain.cards import (
    Action,
    AlertCard,
    AlertKind,
    CampaignCard,
    Card,
    Digest,
    Form,
    Notice,
    Page,
    PledgeCard,
    Postable,
    Text,
    Tone,
    instant,
    join,
    link,
    plain,
    text,
)
from domain.pictures import Picture
from domain.text import host, shorten

Tokens = Mapping[Action, str]
_KINDS = {
    AlertKind.PLEDGE: 0xC77700,
    AlertKind.BILL: 0x0F766E,
    AlertKind.NEWS: 0x2F6FB5,
    AlertKind.RECORD: 0x7E3F98,
}
_TONES = {Tone.DONE: 0x2E7D32, Tone.INFO: 0x2F6FB5, Tone.WRONG: 0xC62828}
_PLEDGE, _PAGE = _KINDS[AlertKind.PLEDGE], 0x5B6770
_CONTENT = 200
_TITLE = 250
_DESCRIPTION = 3900
_WORDS = 3900
_LINE = 700
_COMPONENTS = 40
_BUTTONS, _ROW = 25, 5
_LABEL, _LINK = 80, 512
_EMPTY = "-# Nothing to show."


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message for a channel: what the notification shows, at most one embed, buttons."""

    content: str
    embeds: tuple[discord.Embed, ...]
    view: ui.View


def render_post(card: Postable, tokens: Tokens) -> Post:
    """A card as a message that is posted or edited."""
    view = ui.View(timeout=None)
    for button in _buttons(card.actions, tokens):
        view.add_item(button)
    match card:
        case AlertCard():
            return Post(content=_alert_line(card), embeds=(_alert_embed(card),), view=view)
        case CampaignCard():
            return Post(content=_campaign_line(card), embeds=(_campaign_embed(card),), view=view)
        case Digest():
            return Post(content=_digest_line(card), embeds=(_digest_embed(card),), view=view)
        case Notice():
            return _notice_post(card, view)


def render_reply(card: Card, tokens: Tokens) -> ui.LayoutView:
    """A card as the answer to a command."""
    match card:
        case AlertCard():
            return _layout(_alert_parts(card), _KINDS[card.kind], card.actions, tokens)
        case PledgeCard():
            return _layout(_pledge_parts(card), _PLEDGE, card.actions, tokens)
        case CampaignCard():
            return _layout(_campaign_parts(card), _campaign_colour(card), card.actions, tokens)
        case Page():
            layout = _layout(_page_parts(card), _PAGE, card.actions, tokens, card.picture)
            for name in file_names(card):
                layout.add_item(ui.File(f"attachment://{name}"))
            return layout
        case Notice():
            return _layout(_notice_parts(card), _TONES[card.tone], card.actions, tokens)
        case Digest():
            return _layout(_digest_parts(card), _PAGE, card.actions, tokens)
        case Form():
            return _layout([_form_part(card)], _TONES[Tone.WRONG], (), tokens)


def _alert_line(card: AlertCard) -> str:
    kind = f"{card.mark} · "
    return f"{kind}{draw_words(card.headline, _CONTENT - len(kind))}".strip()


def _alert_embed(card: AlertCard) -> discord.Embed:
    """Title, outlets and time, summary, and the pledges it may bear on."""
    url = web_address(card.url) if is_honest(card.title, card.url) else ""
    lines = [_outlets(card), draw_words(card.summary, _LINE)]
    lines += [draw(line, _LINE) for line in card.background]
    parts = [Part(lines=(line,), rank=rank) for rank, line in enumerate(lines)]
    return discord.Embed(
        title=draw_words(card.title.strip(), _TITLE) or None,
        url=url or None,
        description="\n\n".join(one for one in fit(parts, _DESCRIPTION) if one),
        colour=_KINDS[card.kind],
    )


def _outlets(card: AlertCard) -> str:
    """Who tells it and when, and who else does. The outlet leads to it if the title cannot."""
    outlet = card.outlet.strip() or (host(card.url) if card.url else "")
    if not outlet:
        return ""
    first = link(outlet, "" if is_honest(card.title, card.url) else card.url)
    also = join(", ", (link(name, url) for name, url in card.also_in))
    told = [text(first), *([text(instant(card.published_at))] if card.published_at else [])]
    return draw(join(" · ", [*told, *([text("also in ", also)] if also else [])]), _LINE * 2)


def _campaign_line(card: CampaignCard) -> str:
    kind = "Campaign closed" if card.badge == "Closed" else "Campaign"
    return f"{kind} · {draw_words(card.title, _CONTENT - len(kind))}".strip()


def _campaign_embed(card: CampaignCard) -> discord.Embed:
    """How far it came, at a glance."""
    head, *rest = _campaign_lines(card)
    return discord.Embed(
        title=draw_words(card.title.strip(), _TITLE) or None,
        description="\n".join([*rest, head]),
        colour=_campaign_colour(card),
    )


def _campaign_parts(card: CampaignCard) -> list[Part]:
    head, *rest = _campaign_lines(card)
    title = _titled(draw_words(card.title.strip(), _TITLE))
    return [Part(lines=(title,)), Part(lines=tuple(rest)), Part(lines=(head,), rank=1)]


def _campaign_lines(card: CampaignCard) -> list[str]:
    """What it is in small print, the bar, the counts, what else is told."""
    told = draw(card.told, _LINE).strip()
    counts = draw_words(card.counts, _LINE)
    return [small(card.mark), card.bar, counts, *([told] if told else [])]


def _campaign_colour(card: CampaignCard) -> int:
    return _PAGE if card.badge else _KINDS[AlertKind.BILL]


def _digest_line(card: Digest) -> str:
    first = f": {plain(card.items[0])}" if card.items else ""
    return draw_words(f"{card.title}{first}".strip(), _CONTENT).strip() or "Digest"


def _digest_embed(card: Digest) -> discord.Embed:
    items = Part(lines=bullet_lines(card.items), rank=1, rest="stories")
    parts = [items, Part(lines=_more(card))]
    return discord.Embed(
        title=draw_words(card.title.strip(), _TITLE) or None,
        description="\n".join(one for one in fit(parts, _DESCRIPTION) if one) or _EMPTY,
        colour=_KINDS[AlertKind.NEWS],
    )


def _notice_post(card: Notice, view: ui.View) -> Post:
    """A sentence or two need no embed, unless they are long or lead somewhere."""
    content = draw(_unlinked(card.text), _CONTENT).strip() or _EMPTY
    whole = draw(card.text, _LINE * 2).strip()
    rest = [whole if whole != content else "", draw(card.hint, _LINE)]
    description = "\n\n".join(line for line in rest if line.strip())
    if not description:
        return Post(content=content, embeds=(), view=view)
    embed = discord.Embed(description=description, colour=_TONES[card.tone])
    return Post(content=content, embeds=(embed,), view=view)


def _unlinked(spans: Text) -> Text:
    """Spans without their links: what a line of content links to would unfurl under it."""
    return tuple(replace(span, url="") for span in spans)


def _alert_parts(card: AlertCard) -> list[Part]:
    title = draw(text(link(card.title.strip() or host(card.url), card.url)), _LINE)
    head = small(" · ".join([card.mark, *card.subjects]))
    return [
        Part(lines=(head, _titled(title), _outlets(card))),
        Part(lines=(draw_words(card.summary, _LINE),), rank=2),
        Part(lines=tuple(draw(line, _LINE) for line in card.background), rank=1, rest="lines"),
    ]


def _pledge_parts(card: PledgeCard) -> list[Part]:
    """The promise first; what gives way when it is too much: sources, gaps, then history."""
    title = draw_words(" · ".join(one for one in (card.company, card.title) if one), _LINE)
    history = bullet_lines(text(f"{one.label} · ", one.value) for one in card.history)
    left_out = bullet_lines(text(one) for one in card.leaves_out)
    sources = tuple(f"-# {shown}" for one in card.sources if (shown := draw(one, _LINE).strip()))
    terms = fact_lines((*card.coverage, *card.facts))
    return [
        Part(lines=(_titled(title), headed(card.badge), draw(card.promise, _LINE * 2))),
        Part(lines=terms, rank=1, rest="terms", above=Above.LINE),
        Part(head="**What it leaves out**", lines=left_out, rank=4, rest="gaps", above=Above.LINE),
        Part(head="**What happened**", lines=history, rank=3, rest="events", above=Above.LINE),
        Part(head="**Sources**", lines=sources, rank=5, rest="sources", above=Above.LINE),
        Part(lines=(small(f"{card.as_of}." if card.as_of else ""),), rank=2),
    ]


def _page_parts(card: Page) -> list[Part]:
    blocks = [
        part_of(block, place + 2, Above.SPACE if place else Above.NOTHING)
        for place, block in enumerate(card.blocks)
    ]
    if card.picture and blocks:
        blocks[0] = replace(blocks[0], above=Above.LINE)
    title = Part(lines=(_titled(draw_words(card.title.strip(), _TITLE)),))
    return [title, *blocks, Part(lines=(small(card.note),), rank=1)]


def _notice_parts(card: Notice) -> list[Part]:
    return [Part(lines=(draw(card.text, _LINE * 2),)), Part(lines=(_hint(card.hint),), rank=1)]


def _hint(hint: Text) -> str:
    shown = draw(hint, _LINE).strip()
    return f"-# {shown}" if shown else ""


def _digest_parts(card: Digest) -> list[Part]:
    title = Part(lines=(_titled(draw_words(card.title.strip(), _TITLE)),))
    items = Part(lines=bullet_lines(card.items), rank=2, rest="stories")
    return [title, items, Part(lines=_more(card), rank=1)]


def _form_part(card: Form) -> Part:
    """A form that cannot open here: why, and which fields it has."""
    needed = ", ".join(field.label for field in card.fields if field.required)
    told = card.fault or f"{card.title}: this needs more ({needed})."
    return Part(lines=(draw_words(told, _LINE),))


def _titled(drawn: str) -> str:
    return f"### {drawn}" if drawn else ""


def _more(card: Digest) -> tuple[str, ...]:
    return (small(f"…and {card.more} more"),) if card.more else ()


def _layout(
    parts: Sequence[Part],
    colour: int,
    actions: Sequence[Action],
    tokens: Tokens,
    picture: Picture | None = None,
) -> ui.LayoutView:
    """Texts parted by lines, then rows of buttons, in a box; at most 40 components in all.

    A picture, which the message must carry as a file, stands below the first of them.
    """
    buttons = _buttons(actions, tokens)
    rows = [ui.ActionRow[Any](*buttons[at : at + _ROW]) for at in range(0, len(buttons), _ROW)]
    texts = laid_out(parts, _WORDS) or [_EMPTY]
    if 2 * len(texts) > _COMPONENTS - len(rows) - len(buttons) - bool(picture):
        texts = ["\n".join(texts)]
    box = ui.Container[Any](accent_colour=colour)
    for place, shown in enumerate(texts):
        if place and not (picture and place == 1):
            box.add_item(ui.Separator[Any]())
        box.add_item(ui.TextDisplay[Any](shown))
        if picture and not place:
            box.add_item(_gallery(picture))
    for row in rows:
        box.add_item(row)
    return ui.LayoutView(timeout=None).add_item(box)


def _gallery(picture: Picture) -> ui.MediaGallery[Any]:
    address = f"attachment://{file_name(picture)}"
    return ui.MediaGallery(discord.MediaGalleryItem(address, description=picture.alt))


def _buttons(actions: Iterable[Action], tokens: Tokens) -> list[ui.Button[Any]]:
    """Buttons for what can be pressed; two that mean the same are one."""
    made: dict[str, ui.Button[Any]] = {}
    for action in actions:
        url = web_address(action.url, _LINK)
        if url:
            made.setdefault(url, ui.Button(label=_label(action), url=url))
        elif action in tokens:
            style = discord.ButtonStyle.danger if action.danger else discord.ButtonStyle.secondary
            token = tokens[action]
            made.setdefault(token, ui.Button(label=_label(action), style=style, custom_id=token))
    return list(made.values())[:_BUTTONS]


def _label(action: Action) -> str:
    words = visible(action.label).strip()
    if action.url and not is_honest(words, action.url):
        words = host(action.url)
    return shorten(words, _LABEL) or "Open"
