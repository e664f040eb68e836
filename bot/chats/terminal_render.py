"""Cards as rich draws them in a terminal. Text of strangers is never read as markup."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Drawn

from bot.pictures.characters import lines_of
from domain.cards import (
    Action,
    AlertCard,
    AlertKind,
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
    Span,
    Style,
    Table,
    Text,
    Tone,
    quoted,
)
from domain.text import shorten

_KINDS = {
    AlertKind.PLEDGE: "yellow",
    AlertKind.BILL: "cyan",
    AlertKind.NEWS: "blue",
    AlertKind.RECORD: "magenta",
}
_TONES = {Tone.DONE: "green", Tone.INFO: "blue", Tone.WRONG: "red"}
_STYLES = {Style.PLAIN: "", Style.BOLD: "bold", Style.QUOTE: "italic", Style.CODE: "cyan"}
_WIDE = 100
_NARROWEST_COLUMN = 18


def render(card: Card, width: int, *, number_from: int = 1) -> RenderableType:
    """Return what rich prints for a card at `width` columns.

    Buttons are numbered from `number_from`, so that their number can be typed.
    """
    match card:
        case AlertCard():
            return _alert(card, number_from)
        case PledgeCard():
            return _pledge(card, number_from)
        case CampaignCard():
            return _campaign(card, number_from)
        case Page():
            return _page(card, width, number_from)
        case Notice():
            return _notice(card, number_from)
        case Digest():
            return _digest(card, number_from)
        case Form():
            return _form(card)


def draw(text: Text) -> Drawn:
    """Return spans as rich text; a link is followed by its address where that says more."""
    drawn = Drawn()
    for span in text:
        drawn.append(_words(span), style=_STYLES[span.style])
        if span.url and span.url != span.text and not span.url.startswith("tel:"):
            drawn.append(" ")
            drawn.append(span.url, style="dim")
    return drawn


def _words(span: Span) -> str:
    return f"{span.at.astimezone():%d %b %Y, %H:%M}" if span.at else span.text


def _alert(card: AlertCard, number_from: int) -> Panel:
    lines: list[RenderableType] = [Drawn(card.title, style="bold")]
    if card.outlet:
        lines.append(Drawn(_outlets(card), style="dim"))
    if card.summary:
        lines.append(Drawn(card.summary))
    lines += [Padding(draw(line), (1, 0, 0, 0)) for line in card.background]
    if card.url:
        lines.append(Drawn(card.url, style="dim"))
    title = " · ".join([card.mark.upper(), *card.subjects])
    return Panel(
        Group(*lines, *_actions(card.actions, number_from)),
        title=Drawn(shorten(title, _WIDE)),
        title_align="left",
        border_style=_KINDS[card.kind],
        box=box.HEAVY_EDGE,
    )


def _campaign(card: CampaignCard, number_from: int) -> Panel:
    lines: list[RenderableType] = [Drawn(card.title, style="bold"), Drawn(card.bar)]
    lines += [Drawn(card.counts), *([draw(card.told)] if card.told else [])]
    return Panel(
        Group(*lines, *_actions(card.actions, number_from)),
        title=Drawn(shorten(card.mark, _WIDE)),
        title_align="left",
        border_style="white" if card.badge else "cyan",
    )


def _outlets(card: AlertCard) -> str:
    at = card.published_at
    when = f" · {at.astimezone():%d %B %Y, %H:%M}".replace(" · 0", " · ") if at else ""
    also = f" · also in {', '.join(name for name, _ in card.also_in)}" if card.also_in else ""
    return f"{card.outlet}{when}{also}"


def _pledge(card: PledgeCard, number_from: int) -> Group:
    head = Grid.grid(expand=True)
    head.add_column(ratio=3)
    head.add_column(ratio=2, justify="right")
    head.add_row(
        Drawn(f"{card.company} · {card.title}", style="bold"), Drawn(card.badge, style="yellow")
    )
    parts: list[RenderableType] = [head, draw(card.promise), Drawn()]
    parts.append(_facts((*card.coverage, *card.facts)))
    if card.leaves_out:
        parts += [
            Drawn("\nWhat it leaves out", style="bold"),
            _bullets(map(Drawn, card.leaves_out)),
        ]
    parts += [Drawn("\nWhat happened", style="bold"), _facts(card.history)]
    parts += [Drawn("\nSources", style="bold"), _bullets(map(draw, card.sources))]
    if card.as_of:
        parts.append(Drawn(f"\n{card.as_of}.", style="dim"))
    return Group(*parts, *_actions(card.actions, number_from))


def _page(card: Page, width: int, number_from: int) -> Group:
    parts: list[RenderableType] = [Drawn(card.title, style="bold")]
    if card.picture:
        lines = lines_of(card.picture, min(width, _WIDE))
        parts.append(Padding(Drawn("\n".join(lines), no_wrap=True), (1, 0)))
    parts += [_block(block, width) for block in card.blocks]
    if card.calendar:
        parts.append(Drawn(f"\nThe file: {card.calendar.command} > {card.calendar.file_name}"))
    if card.table:
        parts.append(Drawn(f"\n{card.table.body}", no_wrap=True))
    if card.note:
        parts.append(Drawn(card.note, style="dim"))
    return Group(*parts, *_actions(card.actions, number_from))


def _notice(card: Notice, number_from: int) -> Group:
    line = draw(card.text)
    line.stylize(_TONES[card.tone] if card.tone is Tone.WRONG else "")
    parts: list[RenderableType] = [line]
    if card.hint:
        parts.append(draw(card.hint))
    return Group(*parts, *_actions(card.actions, number_from))


def _digest(card: Digest, number_from: int) -> Panel:
    lines: list[RenderableType] = [_bullets(map(draw, card.items))]
    if card.more:
        lines.append(Drawn(f"…and {card.more} more", style="dim"))
    lines += _actions(card.actions, number_from)
    return Panel(Group(*lines), title=Drawn(card.title), title_align="left", border_style="blue")


def _form(card: Form) -> Group:
    """A form as something to type: every field with its name."""
    parts: list[RenderableType] = [Drawn(f"{card.title}: this needs more.", style="bold")]
    if card.fault:
        parts.append(Drawn(card.fault, style="red"))
    grid = Grid.grid(padding=(0, 2))
    for field in card.fields:
        need = "needed" if field.required else "optional"
        example = f"such as {field.placeholder}" if field.placeholder else ""
        said = f"now: {field.value}" if field.value else example
        grid.add_row(
            Drawn(f"  {field.name}:", style="cyan"),
            Drawn(f"{field.label} ({need})"),
            Drawn(said, style="dim"),
        )
        if field.fault:
            grid.add_row("", Drawn(field.fault, style="red"), "")
    typed = " ".join(
        f"{field.name}:{quoted(field.value or field.placeholder or '…')}"
        for field in card.fields
        if field.required or field.value
    )
    return Group(*parts, grid, Drawn(f"Type: /{card.command} {typed}", style="cyan"))


def _block(block: Block, width: int) -> RenderableType:
    match block:
        case Paragraph(text=text):
            return draw(text)
        case Heading(text=words):
            return Drawn(f"\n{words}", style="bold")
        case Facts(facts=facts):
            return _facts(facts)
        case Bullets(items=items):
            return _bullets(map(draw, items))
        case Table():
            return _table(block, width)


def _facts(facts: Iterable[Fact]) -> Grid:
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="cyan")
    grid.add_column(ratio=1, overflow="fold")
    for fact in facts:
        grid.add_row(Drawn(fact.label), draw(fact.value))
    return grid


def _bullets(items: Iterable[Drawn]) -> Grid:
    grid = Grid.grid(padding=(0, 1))
    grid.add_column()
    grid.add_column(overflow="fold")
    for item in items:
        grid.add_row("•", item)
    return grid


def _table(table: Table, width: int) -> RenderableType:
    """Columns side by side; one short block a row where the terminal is too narrow for them."""
    if width < _NARROWEST_COLUMN * (len(table.columns) + 1):
        return Group(*(_row_block(table.columns, row.label, row.cells) for row in table.rows))
    grid = Grid(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    grid.add_column("", style="cyan")
    for column in table.columns:
        grid.add_column(Drawn(column), ratio=1, overflow="fold")
    for row in table.rows:
        style = "" if row.differs else "dim"
        grid.add_row(Drawn(row.label), *(Drawn(cell, style=style) for cell in row.cells))
    return grid


def _row_block(columns: Sequence[str], label: str, cells: Sequence[str]) -> Group:
    lines = [Drawn(f"  {name}: {cell}") for name, cell in zip(columns, cells, strict=True)]
    return Group(Drawn(label, style="bold"), *lines)


def _actions(actions: Sequence[Action], number_from: int) -> list[RenderableType]:
    """Buttons, each with what to type instead."""
    if not actions:
        return []
    line = Drawn("\n")
    for number, action in enumerate(actions, number_from):
        if number > number_from:
            line.append("   ")
        line.append(f"[{number}] ", style="cyan")
        line.append(action.label)
        line.append(f"  {action.url or action.typed}", style="dim")
    return [line]
