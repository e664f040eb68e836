"""`/pledgewatch`: help, how things are going, and why an alert was sent."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from commands.legislature_lines import services_doing
from commands.registry import Command, Completes, Option, Reads, Registry
from domain.cards import (
    Action,
    Block,
    Bullets,
    Fact,
    Facts,
    Heading,
    Page,
    Paragraph,
    Reply,
    Span,
    Style,
    Text,
    bold,
    channel,
    code,
    instant,
    link,
    text,
)
from domain.errors import UserError
from domain.legislature_polls import Poll
from domain.model import Found, Health, StoryView, WatchMatch
from domain.ports import Desk, Tx
from domain.quotas import Usage
from domain.text import shorten

_AROUND = 60
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Why:
    """What an alert was made of, and what the channel hears."""

    view: StoryView
    found: Sequence[tuple[WatchMatch, str, Found]]
    heard: frozenset[str]


async def status(desk: Desk) -> Reply:
    """How the community's feeds, watches and channels are doing."""

    def work(tx: Tx) -> tuple[Health, list[Poll], list[Usage]]:
        return (
            tx.outbox.health(desk.space, desk.now),
            tx.legislatures.polls(),
            tx.quotas.all(desk.now),
        )

    health, polls, usages = await desk.store.read(work)
    services = services_doing(desk.legislatures, polls, usages)
    return Reply(card=_status_page(health, services))


async def why(desk: Desk, *, alert: int | None) -> Reply:
    """The words and watches that sent an alert; the last one in this channel if none is said."""

    def work(tx: Tx) -> _Why:
        spot = tx.spaces.channel(desk.space, desk.request.channel.external_id)
        story = alert if alert is not None else tx.outbox.latest_story(spot)
        if story is None or not tx.outbox.heard(desk.space, story):
            raise UserError(
                "There is no such alert here."
                if alert is not None
                else "No alert was sent to this channel yet.",
                hint="The button “Why this?” under an alert asks about that one.",
            )
        views = tx.stories.views([(desk.space.id, story)])
        if not views:
            raise UserError(
                "What that alert was made of is not kept, or its feeds are followed no more."
            )
        heard = [one for one in tx.subscriptions.of(desk.space) if one.channel.id == spot.id]
        return _Why(
            views[desk.space.id, story],
            tx.stories.found(story, desk.space.id),
            frozenset(one.label for one in heard),
        )

    return Reply(card=_why_page(await desk.store.write(work)))


def help_command(registry: Registry) -> Command:
    """The help, which needs to know all commands, itself included."""

    async def help_(desk: Desk, *, command: str) -> Reply:
        del desk
        asked = command.strip().removeprefix("/").lower()
        if not asked:
            return Reply(card=_overview(registry))
        noun, _, verb = asked.partition(" ")
        if noun not in registry.nouns:
            raise UserError(
                f"There is no command “/{asked}”.", hint="/pledgewatch help lists them all."
            )
        commands = registry.of(noun)
        one = next((each for each in commands if each.verb == verb), None)
        return Reply(card=_one_command(one) if one else _noun(noun, registry.nouns[noun], commands))

    return Command(
        noun="pledgewatch",
        verb="help",
        summary="What there is to type",
        handler=help_,
        options=(
            Option(
                name="command",
                summary="A command, for its details",
                completes=Completes.COMMAND,
                example="feed add",
            ),
        ),
    )


def _overview(registry: Registry) -> Page:
    start = (
        text(code("/feed add https://…"), " follows a feed."),
        text(code("/subscribe here all"), " lets this channel hear what it brings."),
        text(code("/pledge show Microsoft"), " looks up a promise."),
    )
    nouns = tuple(
        text(
            code(f"/{noun}"),
            f" {summary}: {', '.join(command.verb for command in registry.of(noun))}",
        )
        for noun, summary in registry.nouns.items()
    )
    return Page(
        title="Pledgewatch",
        blocks=(
            Paragraph(
                text=text(
                    "Keeps companies’ promises on record and tells this community when something happens to them."
                )
            ),
            Heading(text="To begin"),
            Bullets(items=start),
            Heading(text="Commands"),
            Bullets(items=nouns),
        ),
        note="/pledgewatch help and a command tells more about it.",
        actions=(
            Action(label="All pledges", command="pledge list"),
            Action(label="How it is going", command="pledgewatch status"),
        ),
    )


def _noun(noun: str, summary: str, commands: Sequence[Command]) -> Page:
    items = tuple(
        text(code(one.usage), f" {one.summary}", " (organizers)" if one.organizers else "")
        for one in commands
    )
    return Page(title=f"/{noun}: {summary}", blocks=(Bullets(items=items),))


def _one_command(command: Command) -> Page:
    options = tuple(
        Fact(
            label=one.name,
            value=text(
                one.summary,
                f" ({', '.join(one.choices)})" if one.choices else "",
                ". For example: " if one.example else "",
                *([code(one.example)] if one.example else []),
            ),
        )
        for one in command.options
    )
    usage = Paragraph(text=text(code(command.usage)))
    return Page(
        title=f"/{command.path}",
        blocks=(
            Paragraph(
                text=text(f"{command.summary}.", " For organizers." if command.organizers else "")
            ),
            usage,
            *([Facts(facts=options)] if options else []),
        ),
    )


def _status_page(health: Health, services: Sequence[Fact]) -> Page:
    read = text(instant(health.last_poll_at)) if health.last_poll_at else text("never")
    facts = [
        Fact(label="Feeds", value=text(_feeds(health))),
        Fact(label="Last read", value=read),
        Fact(label="Watches", value=text(str(health.watches))),
        Fact(label="Subscriptions", value=text(str(health.subscriptions))),
        Fact(label="Alerts, last 24 hours", value=text(str(health.sent_last_day))),
        Fact(label="Waiting to be sent", value=text(str(health.waiting))),
    ]
    facts += [
        Fact(label="Paused", value=text(channel(one.ref.external_id), f": {one.paused_because}"))
        for one in health.paused
    ]
    actions = [
        Action(label="The feeds", command="feed list"),
        Action(label="Subscriptions", command="subscribe list"),
    ]
    blocks: list[Block] = [Facts(facts=tuple(facts))]
    if services:
        blocks += [Heading(text="Legislatures"), Facts(facts=tuple(services))]
    return Page(
        title="How it is going",
        blocks=tuple(blocks),
        note=_advice(health),
        actions=tuple(actions),
    )


def _feeds(health: Health) -> str:
    troubled = [
        f"{count} {word}"
        for count, word in ((health.failing, "failing"), (health.gone, "gone"))
        if count
    ]
    return f"{health.sources}" + (f" ({', '.join(troubled)})" if troubled else "")


def _advice(health: Health) -> str:
    if health.paused:
        return "A paused channel is sent to again after /subscribe here in it."
    if not health.sources:
        return "No feed is followed yet: /feed add brings the first."
    if not health.subscriptions:
        return "No channel hears anything yet: /subscribe here all changes that."
    return "All well." if not health.failing else "/feed list says what is wrong with which feed."


def _why_page(why: _Why) -> Page:
    items = tuple(
        text(bold(match.label), f" ({match.kind.value}): ", _quoted(told, place))
        for match, told, place in why.found[:_SHOWN]
    )
    changed = Paragraph(text=text("The watch that sent it has changed or ended since."))
    outlets = ", ".join(one.name for one in why.view.outlets)
    labels = dict.fromkeys(match.label for match, _, _ in why.found)
    return Page(
        title="Why this alert?",
        blocks=(
            Paragraph(text=text(link(why.view.title, why.view.url))),
            Bullets(items=items) if items else changed,
            Facts(facts=(Fact(label="In", value=text(outlets)),)),
        ),
        note=f"Alert #{why.view.story_id}",
        actions=tuple(_stop(label, why.heard) for label in list(labels)[:2]),
    )


def _stop(label: str, heard: AbstractSet[str]) -> Action:
    """The button against more of this: in this channel, or everywhere if it hears all there is."""
    if label in heard:
        arguments = (("what", label),)
        return Action(
            label=f"Stop hearing {label}"[:75], command="subscribe remove", arguments=arguments
        )
    return Action(
        label=f"Stop watching {label}"[:75], command="watch remove", arguments=(("watch", label),)
    )


def _quoted(told: str, place: Found) -> Text:
    """The words that matched, with a little of what stands around them."""
    before, after = told[: place.start][-_AROUND:], shorten(told[place.end :], _AROUND)
    dots = "…" if place.start > _AROUND else ""
    return (
        Span(text=f"“{dots}{before}"),
        Span(text=told[place.start : place.end], style=Style.BOLD),
        Span(text=f"{after}”"),
    )


COMMANDS = (
    Command(
        noun="pledgewatch",
        verb="status",
        summary="How the feeds, watches and channels here are doing",
        handler=status,
    ),
    Command(
        noun="pledgewatch",
        verb="why",
        summary="Why an alert was sent",
        handler=why,
        options=(
            Option(
                name="alert",
                summary="Its number; the last one here if not said",
                reads=Reads.NUMBER,
                example="12",
            ),
        ),
    ),
)
