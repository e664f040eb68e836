"""Cards as Slack's Block Kit: a card and the tokens of its buttons in, a message out. Pure.

A message holds 50 blocks and about 11,000 characters. Cards are laid out by importance from the
top; what does not fit any more is left out at the end, and the message says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.chats.slack_markup import Json, fit, marked_text, mrkdwn, plain_text, web_address
from bot.pictures.characters import lines_of
from domain.cards import (
    Action,
    AlertCard,
    Block,
    Bullets,
    CampaignCard,
    Card,
    Digest,
    Fact,
    Facts,
    Form,
    Heading,
    Notice,
    Page,
    Paragraph,
    PledgeCard,
    Row,
    Span,
    Style,
    Table,
    Text,
    bold,
    code,
    instant,
    join,
    link,
    plain,
    text,
)
from domain.pictures import Picture
from domain.text import shorten

Tokens = Mapping[Action, str]
_BLOCKS = 50
_CHARACTERS = 10_800
_SECTION = 1500  # Slack takes 3000 characters but folds long ones away
_LINKED = 2800  # a line whose links may be long
_PARAGRAPH = 1400
_LINE = 900
_SHORT = 90
_CELL = _TITLE = _NOTIFICATION = 300
_HEADER, _LABEL, _BUTTONS = 150, 75, 25
_NO_FILE = "Slack shows no file in a private answer. Whoever runs this bot can write it: "
_PHONE = 34  # characters of code on a phone's line
_VALUE, _ADDRESS = 2000, 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a message shows, and the line its notification shows."""

    text: str
    blocks: tuple[Json, ...]

    @property
    def payload(self) -> Json:
        """The fields of a message that Slack posts."""
        return {
            "text": self.text,
            "blocks": list(self.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }


def render(card: Card, tokens: Tokens) -> Message:
    """Return a card as a message; a button without a token or a link is left out."""
    match card:
        case AlertCard():
            return _alert(card, tokens)
        case PledgeCard():
            return _pledge(card, tokens)
        case CampaignCard():
            return _campaign(card, tokens)
        case Page():
            return _page(card, tokens)
        case Notice():
            return _notice(card, tokens)
        case Digest():
            return _digest(card, tokens)
        case Form():
            return _page(form_in_words(card), tokens)


def form_in_words(form: Form) -> Page:
    """A form for where none can be shown: its fields, and what to type instead."""
    facts = tuple(
        Fact(label=f"{one.name}:", value=text(one.label, "" if one.required else " (optional)"))
        for one in form.fields
    )
    given = tuple(
        (one.name, one.value or one.placeholder or "…")
        for one in form.fields
        if one.value or one.required
    )
    typed = Action(label="", command=form.command, arguments=given).typed
    example = text("Type it like this: ", code(typed))
    return Page(
        title=f"{form.title}: this needs more",
        blocks=(
            *((Paragraph(text=text(form.fault)),) if form.fault else ()),
            Facts(facts=facts),
            Paragraph(text=example),
        ),
    )


class _Sheet:
    """A message under way; its last blocks are reserved from the start."""

    def __init__(self, *last: Json | None) -> None:
        self._last = [block for block in last if block]
        self._blocks: list[Json] = []
        self._left = _CHARACTERS - sum(map(_size, self._last)) - _size(_left_out(10**6))
        self._room = _BLOCKS - len(self._last) - 1
        self._missing = 0

    def add(self, block: Json | None, lines: int = 1) -> None:
        """Put a block below the others, unless it or one before it did not fit."""
        if block is None:
            return
        if self._missing or not self._room or _size(block) > self._left:
            self._missing += lines
            return
        self._blocks.append(block)
        self._left -= _size(block)
        self._room -= 1

    def lines(self, lines: Iterable[str]) -> None:
        """Put lines below each other, in as few sections as hold them."""
        for held in _packed(lines):
            self.add(_section("\n".join(held)), len(held))

    def small(self, lines: Iterable[str]) -> None:
        """Put lines below each other in small print."""
        for held in _packed(lines):
            self.add(_context("\n".join(held)), len(held))

    def message(self, notification: str) -> Message:
        """Return the message."""
        shown = fit(" ".join(notification.split()), _NOTIFICATION).strip() or "Pledgewatch"
        more = [_left_out(self._missing)] if self._missing else []
        return Message(text=shown, blocks=(*self._blocks, *more, *self._last))


def _packed(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lines that say something, as many together as one block should hold."""
    held: list[str] = []
    for line in filter(str.strip, lines):
        if held and sum(map(len, held)) + len(held) + len(line) > _SECTION:
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _alert(card: AlertCard, tokens: Tokens) -> Message:
    sheet = _Sheet(_actions(card.actions, tokens))
    kind = text(bold(card.mark), *(f" · {one}" for one in card.subjects))
    sheet.add(_context(mrkdwn(kind, _LINE)))
    title = Span(text=shorten(card.title, _TITLE), url=card.url, style=Style.BOLD)
    sheet.lines([mrkdwn((title,), _LINKED), mrkdwn(text(card.summary), _LINE)])
    if card.outlet:
        sheet.add(_context(_outlets(card)))
    for line in card.background:
        sheet.lines([mrkdwn(line, _LINE)])
    return sheet.message(card.headline)


def _outlets(card: AlertCard) -> str:
    """Who says it and when, and who else does."""
    told = text(card.outlet)
    if card.published_at:
        told = text(told, " · ", instant(card.published_at))
    if card.also_in:
        told = text(told, " · also in ", join(", ", (link(*one) for one in card.also_in)))
    return mrkdwn(told, _LINKED)


def _campaign(card: CampaignCard, tokens: Tokens) -> Message:
    sheet = _Sheet(_actions(card.actions, tokens))
    sheet.add(_context(mrkdwn(text(bold(card.mark)), _LINE)))
    title = mrkdwn((bold(shorten(card.title, _TITLE)),), _LINE)
    sheet.lines([title, card.bar, mrkdwn(text(card.counts), _LINE), mrkdwn(card.told, _LINE)])
    return sheet.message(f"{card.mark}: {card.title}")


def _pledge(card: PledgeCard, tokens: Tokens) -> Message:
    name = f"{card.company} · {card.title}"
    sheet = _Sheet(_actions(card.actions, tokens))
    sheet.add(_header(name))
    sheet.add(_context(mrkdwn(_badge(card), _LINE)))
    sheet.lines([mrkdwn(card.promise, _PARAGRAPH)])
    sheet.lines(map(_fact, (*card.coverage, *card.facts)))
    if card.leaves_out:
        sheet.lines([*_heading("What it leaves out"), *map(_bullet, map(text, card.leaves_out))])
    if card.history:
        sheet.lines([*_heading("What happened"), *map(_dated, card.history)])
    if card.sources:
        sheet.small([*_heading("Sources"), *map(_bullet, card.sources)])
    return sheet.message(f"{name}: {card.badge}")


def _badge(card: PledgeCard) -> Text:
    return text(bold(card.badge), f" · {card.as_of}" if card.as_of else "")


def _page(card: Page, tokens: Tokens) -> Message:
    sheet = _Sheet(_context(mrkdwn(text(card.note), _LINE)), _actions(card.actions, tokens))
    sheet.add(_header(card.title))
    if card.picture:
        sheet.add(_drawn(card.picture))
    for block in card.blocks:
        _add(sheet, block)
    files = (card.calendar, card.table)
    for command in (one.command for one in files if one):
        sheet.add(_section(mrkdwn(text(_NO_FILE, code(command), "."), _LINE)))
    return sheet.message(card.title)


def _add(sheet: _Sheet, block: Block) -> None:
    match block:
        case Paragraph(text=words):
            sheet.lines([mrkdwn(words, _PARAGRAPH)])
        case Heading(text=words):
            sheet.lines(_heading(words))
        case Facts(facts=facts):
            sheet.lines(map(_fact, facts))
        case Bullets(items=items):
            sheet.lines(map(_bullet, items))
        case Table(columns=columns, rows=rows):
            for row in rows:
                _add_row(sheet, columns, row)


def _notice(card: Notice, tokens: Tokens) -> Message:
    sheet = _Sheet(_actions(card.actions, tokens))
    sheet.lines([mrkdwn(card.text, _PARAGRAPH)])
    sheet.add(_context(mrkdwn(card.hint, _PARAGRAPH)))
    return sheet.message(f"{plain(card.text)} {plain(card.hint)}")


def _digest(card: Digest, tokens: Tokens) -> Message:
    more = _context(f"…and {card.more} more") if card.more else None
    sheet = _Sheet(more, _actions(card.actions, tokens))
    sheet.add(_header(card.title))
    sheet.lines(map(_bullet, card.items))
    return sheet.message(card.title)


def _add_row(sheet: _Sheet, columns: Sequence[str], row: Row) -> None:
    """A row of a table as a short block of its own; as one small line where all say the same."""
    if not row.differs and row.cells:
        sheet.add(_context(mrkdwn(text(bold(row.label), f"  {row.cells[0]} (all)"), _CELL)))
        return
    pairs = zip(columns, row.cells, strict=False)
    cells = [f"{fit(name, _LABEL)}: {fit(cell, _CELL)}" for name, cell in pairs]
    together = " · ".join(cells)
    sheet.lines([*_heading(row.label), *([together] if len(together) <= _SHORT else cells)])


def _fact(fact: Fact) -> str:
    return mrkdwn(text(bold(fact.label), "  ", fact.value), _LINE)


def _dated(fact: Fact) -> str:
    return mrkdwn(text(fact.label, "  ", fact.value), _LINE)


def _bullet(item: Text) -> str:
    return mrkdwn(text("• ", item), _LINE)


def _heading(words: str) -> list[str]:
    return [mrkdwn((bold(words),), _TITLE)]


def _header(words: str) -> Json:
    return {"type": "header", "text": plain_text(words, _HEADER)}


def _drawn(picture: Picture) -> Json:
    """A picture in characters: an answer for one person's eyes can hold no uploaded file."""
    lines = {"type": "text", "text": "\n".join(lines_of(picture, _PHONE))}
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [lines]}],
    }


def _section(markup: str) -> Json | None:
    return {"type": "section", "text": marked_text(markup.strip())} if markup.strip() else None


def _context(markup: str) -> Json | None:
    shown = markup.strip()
    return {"type": "context", "elements": [marked_text(shown)]} if shown else None


def _left_out(lines: int) -> Json:
    noun = "line does" if lines == 1 else "lines do"
    told = f"…{lines} more {noun} not fit in one message."
    return {"type": "context", "elements": [marked_text(told)]}


def _actions(actions: Sequence[Action], tokens: Tokens) -> Json | None:
    """The buttons; each press tells its token back."""
    made = [_button(action, tokens.get(action, "")) for action in actions]
    buttons = [button for button in made if button][:_BUTTONS]
    if not buttons:
        return None
    named = [{**button, "action_id": f"b{number}"} for number, button in enumerate(buttons)]
    return {"type": "actions", "elements": named}


def _button(action: Action, token: str) -> Json | None:
    button: Json = {"type": "button", "text": plain_text(action.label, _LABEL)}
    if action.danger:
        button["style"] = "danger"
    url = web_address(action.url, _ADDRESS) if action.url else ""
    if url:
        return {**button, "url": url}
    return {**button, "value": token} if token and len(token) <= _VALUE else None


def _size(node: object) -> int:
    """How many characters of text a block holds, as Slack counts them."""
    if isinstance(node, list):
        return sum(map(_size, node))
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    inner = sum(_size(value) for value in node.values())
    return inner + (len(own) if isinstance(own, str) else 0)
