"""How a campaign looks: the card in its channel, what is asked before it starts, how it goes. Pure."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from shlex import quote

from commands.paging import next_page, page_of
from domain.calendars import plain_day
from domain.campaigns import Callers, Campaign, DayCount, Draft, Tally, TargetTally, told_at
from domain.cards import (
    Action,
    Block,
    Bullets,
    CampaignCard,
    Fact,
    Facts,
    Heading,
    Page,
    Paragraph,
    TableFile,
    Text,
    bold,
    join,
    text,
)
from domain.model import ChannelRef
from domain.text import clean

CALLED_BY = {
    Callers.ANYONE: "anyone; the words say nothing of living there unless it is so",
    Callers.CONSTITUENTS: "only those who live in the district, as far as they remembered theirs here",
}
_SHOWN = 12
_DAYS = 7
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def campaign_card(campaign: Campaign, tally: Tally) -> CampaignCard:
    """The card in the campaign's channel, as it stands."""
    least = tally.least
    running = campaign.is_running
    ended = f"{campaign.subject.label} {campaign.bill_outcome}." if campaign.bill_outcome else ""
    return CampaignCard(
        title=campaign.title,
        ends=f"ends {campaign.ends}" if running else "",
        calls=tally.calls,
        goal=campaign.goal,
        people=tally.people,
        least=f"{least.target.name} ({least.calls})" if least and running else "",
        badge="" if running else "Closed",
        told=text(ended) if ended else (),
        actions=(*_call_buttons(campaign), how_it_goes(campaign), *_close_button(campaign)),
    )


def preview(draft: Draft, zone: str, odd: Sequence[str], actions: Sequence[Action]) -> Page:
    """What is about to start, to be looked at first; `odd` is what should be known before."""
    names = [one.name for one in draft.targets[:_SHOWN]]
    more = len(draft.targets) - len(names)
    return Page(
        title=draft.title[:150],
        blocks=(
            *(Paragraph(text=text(one)) for one in odd),
            Facts(
                facts=(
                    Fact(
                        label=f"Targets ({len(draft.targets)})",
                        value=text(", ".join(names), f" and {more} more" if more else ""),
                    ),
                    Fact(label="Who calls", value=text(CALLED_BY[draft.callers])),
                    Fact(label="Goal", value=text(f"{draft.goal} calls")),
                    Fact(label="Ends", value=text(told_at(draft.ends_at, zone))),
                )
            ),
        ),
        note="Nothing has started yet. Starting posts a card in this channel.",
        actions=tuple(actions),
    )


def progress_page(
    campaign: Campaign, tally: Tally, days: Sequence[DayCount], page: int | None, *, closes: bool
) -> Page:
    """How a campaign is going: outcomes, days, and each target, the least called first."""
    card = campaign_card(campaign, tally)
    ordered = sorted(tally.targets, key=lambda one: (one.calls, one.place))
    shown, left = page_of(ordered, page)
    outcomes = tuple(
        Fact(label=one.value.capitalize(), value=text(str(count)))
        for one, count in tally.outcomes.items()
    )
    blocks: list[Block] = [
        Paragraph(text=text(card.bar)),
        Paragraph(text=text(card.counts)),
        *([Paragraph(text=card.told)] if card.told else []),
        Facts(facts=outcomes),
        *_days(days),
        Heading(text="Targets, the least called first"),
        Bullets(items=tuple(_target(one) for one in shown)),
    ]
    numbered = ("campaign", str(campaign.id))
    state = f"ends {campaign.ends}" if campaign.is_running else "closed"
    return Page(
        title=campaign.title[:150],
        blocks=tuple(blocks),
        note=f"Campaign {campaign.id}, {state}. Days are those of {_zone(campaign)}.",
        actions=(
            *_call_buttons(campaign),
            *next_page("campaign show", page, left, numbered),
            Action(label="As a table", command="campaign export", arguments=(numbered,)),
            *((_close(campaign),) if closes and campaign.is_running else ()),
        ),
    )


def list_page(held: Sequence[tuple[Campaign, Tally]]) -> Page:
    """The campaigns of a community."""
    return Page(
        title="Campaigns",
        blocks=(Bullets(items=tuple(_listed(*one) for one in held)),),
        actions=tuple(
            Action(
                label=f"{one.id}: {one.subject.label}"[:75],
                command="campaign show",
                arguments=(("campaign", str(one.id)),),
            )
            for one, _ in held
        ),
    )


def table_page(campaign: Campaign, days: Sequence[DayCount], where: ChannelRef) -> Page:
    """The counts per target and day as a file; nothing in it tells callers apart."""
    command = f'pledgewatch ask "/campaign export {campaign.id}" --space {quote(str(where.space))}'
    return Page(
        title=f"Calls of campaign {campaign.id}"[:150],
        blocks=(Paragraph(text=text(campaign.title)),),
        note="One row for each day, target and outcome. Nothing of who called is in it.",
        table=TableFile(
            file_name=f"campaign-{campaign.id}.csv", body=_table(days), command=command
        ),
    )


def how_it_goes(campaign: Campaign) -> Action:
    """The button that tells how a campaign is going."""
    return Action(
        label="How it is going" if campaign.is_running else "How it went",
        command="campaign show",
        arguments=(("campaign", str(campaign.id)),),
    )


def contact_about(subject: str, label: str = "Contact legislators") -> Action:
    """The button of an alert about a bill or a pledge.

    When it is pressed it leads to the campaign that runs about it then, else to the committee that
    hears it next or has it, else to the presser's own legislators.
    """
    named = (("campaign", ""), ("about", subject))
    return Action(label=label, command="campaign join", arguments=named)


def _call_buttons(campaign: Campaign) -> tuple[Action, ...]:
    if not campaign.is_running:
        return ()
    about = (("about", campaign.subject.key), ("position", campaign.position.value))
    own = (("campaign", str(campaign.id)),) if campaign.script else ()
    return (
        Action(
            label="Make a call",
            command="campaign join",
            arguments=(("campaign", str(campaign.id)),),
        ),
        Action(label="Script", command="contact script", arguments=(*about, *own)),
    )


def _close_button(campaign: Campaign) -> tuple[Action, ...]:
    """Offered in the channel once the bill has ended; only organizers may press it."""
    return (_close(campaign),) if campaign.is_running and campaign.bill_outcome else ()


def _close(campaign: Campaign) -> Action:
    return Action(
        label="Close the campaign",
        command="campaign close",
        arguments=(("campaign", str(campaign.id)),),
        danger=True,
    )


def _days(days: Sequence[DayCount]) -> list[Block]:
    """How many calls were made on each of the last days."""
    by_day = Counter(one.day for one in days for _ in range(one.calls))
    latest = sorted(by_day, reverse=True)[:_DAYS]
    if not latest:
        return []
    facts = tuple(Fact(label=plain_day(day), value=text(str(by_day[day]))) for day in latest)
    return [Facts(facts=facts)]


def _target(one: TargetTally) -> Text:
    came = [f"{count} {name}" for name, count in one.outcomes.items() if count]
    calls = f"{one.calls} call{'' if one.calls == 1 else 's'}"
    told = f" ({', '.join(sorted(came))})" if came else ""
    return text(bold(one.target.name), f" · {one.target.seat} · {calls}{told}")


def _listed(campaign: Campaign, tally: Tally) -> Text:
    state = f"ends {campaign.ends}" if campaign.is_running else "closed"
    counts = f"{tally.calls} of {campaign.goal} calls"
    return text(bold(f"{campaign.id}: {campaign.title}"), *join("", [f" · {counts} · {state}"]))


def _zone(campaign: Campaign) -> str:
    return campaign.channel.zone or "UTC"


def _table(days: Sequence[DayCount]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("day", "legislator", "seat", "outcome", "calls"))
    for one in days:
        name, seat = _cell(one.target.name), _cell(one.target.seat)
        writer.writerow((one.day.isoformat(), name, seat, one.outcome.value, one.calls))
    return out.getvalue()


def _cell(written: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    told = clean(written, 200)
    return f"'{told}" if _FORMULA.match(told) else told
