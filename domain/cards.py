"""What people are shown, free of any platform: semantic cards of typed spans, never markup.

Each adapter has a renderer for each card. Untrusted text is escaped there, once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.calendars import Calendar
from domain.pictures import Picture


class Style(StrEnum):
    """How a span is set."""

    PLAIN = "plain"
    BOLD = "bold"
    QUOTE = "quote"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A run of text.

    A link where `url` is set, an instant in the reader's zone where `at` is, a channel named the
    platform's way where `channel` is.
    """

    text: str
    style: Style = Style.PLAIN
    url: str = ""
    at: datetime | None = None
    channel: str = ""


Text = tuple[Span, ...]
_BAR = 20


def text(*parts: "str | Span | Text") -> Text:
    """Put parts together into one text."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(text=part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(spans)


def join(separator: str, parts: Iterable["str | Span | Text"]) -> Text:
    """Put parts together with `separator` between them."""
    spans: list[Span] = []
    for part in parts:
        if spans:
            spans.append(Span(text=separator))
        spans.extend(text(part))
    return tuple(spans)


def bold(words: str) -> Span:
    """Words that carry the line."""
    return Span(text=words, style=Style.BOLD)


def code(words: str) -> Span:
    """Something to type."""
    return Span(text=words, style=Style.CODE)


def link(words: str, url: str | None) -> Span:
    """Words that lead to `url`; plain words where there is none."""
    return Span(text=words, url=url or "")


def instant(at: datetime) -> Span:
    """A moment, shown in the reader's time zone."""
    return Span(text=f"{at:%Y-%m-%d %H:%M} UTC", at=at)


def channel(external_id: str) -> Span:
    """A channel, named the way its platform does."""
    return Span(text=f"#{external_id}", channel=external_id)


def plain(spans: Text) -> str:
    """The words alone."""
    return "".join(span.text for span in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: a command and its arguments, or a link.

    Whoever presses it is authorised like someone who typed the command.
    """

    label: str
    command: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    url: str = ""
    danger: bool = False

    @property
    def typed(self) -> str:
        """The command as one would type it."""
        written = " ".join(
            value if place == 0 else f"{name}:{quoted(value)}"
            for place, (name, value) in enumerate(self.arguments)
            if place or value
        )
        return f"/{self.command} {written}".strip()


def quoted(value: str) -> str:
    """`value` in quotes if it holds a space or nothing."""
    return f'"{value}"' if " " in value or not value else value


class AlertKind(StrEnum):
    """What sort of alert it is: sets its colour and its first words."""

    PLEDGE = "May bear on a pledge"
    BILL = "About a bill"
    NEWS = "News"
    RECORD = "From the record"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCard:
    """One story, or one thing from the record, for one channel.

    `label` says more than the kind alone ("Ends in 30 days"). `background` is what the record says
    of its subjects, in lines. What nobody published has neither outlet nor date.
    """

    kind: AlertKind
    subjects: tuple[str, ...]
    title: str
    label: str = ""
    url: str = ""
    summary: str = ""
    published_at: datetime | None = None
    outlet: str = ""
    also_in: tuple[tuple[str, str], ...] = ()
    background: tuple[Text, ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def mark(self) -> str:
        """The first words: what sort of alert it is."""
        return self.label or self.kind.value

    @property
    def headline(self) -> str:
        """What a phone's notification shows: the title, and what it concerns but does not name."""
        unnamed = [one for one in self.subjects if one.lower() not in self.title.lower()]
        return f"{', '.join(unnamed)}: {self.title}" if unnamed else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A labelled line."""

    label: str
    value: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeCard:
    """What was promised, to whom it reaches and not, what happened since, who says so."""

    company: str
    title: str
    badge: str
    promise: Text
    coverage: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    leaves_out: tuple[str, ...]
    history: tuple[Fact, ...]
    sources: tuple[Text, ...]
    as_of: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCard:
    """A drive to call legislators, as its channel sees it: edited in place as calls add up.

    `least` names who was called least; `badge` says what is not as usual (“Closed”), and `told`
    why.
    """

    title: str
    ends: str
    calls: int
    goal: int
    people: int
    least: str = ""
    badge: str = ""
    told: Text = ()
    actions: tuple[Action, ...] = ()

    @property
    def bar(self) -> str:
        """How far it came, as a bar of twenty characters."""
        done = min(_BAR, self.calls * _BAR // max(self.goal, 1))
        done = max(done, 1) if self.calls else 0
        return "█" * done + "░" * (_BAR - done)

    @property
    def counts(self) -> str:
        """How far it came, in words."""
        people = "1 person" if self.people == 1 else f"{self.people} people"
        least = f" · least called: {self.least}" if self.least else ""
        return f"{self.calls} of {self.goal} calls · {people}{least}"

    @property
    def mark(self) -> str:
        """The first words: what it is, and when it ends."""
        return " · ".join(one for one in ("Campaign", self.badge, self.ends) if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text."""

    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A title inside a page."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Labelled lines that belong together."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table; `differs` where its cells do not all say the same."""

    label: str
    cells: tuple[str, ...]
    differs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Things side by side; narrow screens get one short block a row."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


Block = Paragraph | Heading | Facts | Bullets | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """A table as comma-separated text; `command` prints it, for chats that show no file."""

    file_name: str
    body: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A general reply; a picture says what the blocks say, at one glance.

    A calendar, or a table, is handed out as a file where the chat can show one.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    note: str = ""
    actions: tuple[Action, ...] = ()
    picture: Picture | None = None
    calendar: Calendar | None = None
    table: TableFile | None = None


class Tone(StrEnum):
    """What a notice is."""

    DONE = "done"
    INFO = "info"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence or two: what was done, or what is wrong and what to do next."""

    text: Text
    tone: Tone = Tone.INFO
    hint: Text = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Several stories told together."""

    title: str
    items: tuple[Text, ...]
    more: int = 0
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A field of a form; `fault` is what is wrong with its value.

    A `settled` one is known already and goes along unseen where the chat can do that.
    """

    name: str
    label: str
    placeholder: str = ""
    value: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    long: bool = False
    fault: str = ""
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Fields to fill in; submitting it is invoking `command` with them."""

    title: str
    command: str
    fields: tuple[Input, ...]
    fault: str = ""


Card = AlertCard | PledgeCard | CampaignCard | Page | Notice | Digest | Form
Postable = AlertCard | CampaignCard | Notice | Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a command answers; `private` replies are seen by the asker alone."""

    card: Card
    private: bool = True
