"""`/campaign show|list|close|export`: how campaigns are going, and their end."""

from commands.campaign_cards import list_page, progress_page, table_page
from commands.campaign_closing import close as close_campaign
from commands.paging import PAGE
from commands.registry import Command, Option, Reads
from domain.campaigns import Campaign
from domain.cards import Action, Card, Notice, Reply, Tone, text
from domain.errors import UserError
from domain.ports import Desk, Tx

_LISTED = 20
WHICH = Option(
    name="campaign",
    summary="Its number; the one in this channel if not said",
    reads=Reads.NUMBER,
    example="3",
)


async def show(desk: Desk, *, campaign: int | None, page: int | None) -> Reply:
    """How a campaign is going."""
    closes = await desk.request.is_organizer()

    def work(tx: Tx) -> Card:
        one = campaign_named(tx, desk, campaign, "campaign show")
        tally = tx.campaigns.tallies([one.id], desk.now)[one.id]
        return progress_page(one, tally, tx.campaigns.by_day(one), page, closes=closes)

    return Reply(card=await desk.store.read(work))


async def campaigns(desk: Desk) -> Reply:
    """The campaigns of the community, running ones first."""

    def work(tx: Tx) -> Card:
        held = tx.campaigns.of(desk.space, _LISTED)
        if not held:
            raise none_runs()
        tallies = tx.campaigns.tallies([one.id for one in held], desk.now)
        return list_page([(one, tallies[one.id]) for one in held])

    return Reply(card=await desk.store.read(work))


async def close(desk: Desk, *, campaign: int | None, sure: str) -> Reply:
    """End a campaign, once the asker said so twice: who called can never be told again."""

    def work(tx: Tx) -> Card:
        one = campaign_named(tx, desk, campaign, "campaign close")
        if not one.is_running:
            raise UserError(f"Campaign {one.id} is closed already.", choices=(_shown(one),))
        if sure != "yes":
            return _asked(one)
        close_campaign(tx, one, desk.now)
        tx.audit.note(desk.space, desk.request.actor, "campaign close", one.title, desk.now)
        return Notice(
            text=text(f"Campaign {one.id} is closed. What came of it is posted in its channel."),
            tone=Tone.DONE,
            actions=(_shown(one),),
        )

    return Reply(card=await desk.store.write(work))


async def export(desk: Desk, *, campaign: int | None) -> Reply:
    """The counts per target and day as a table; nothing of who called."""

    def work(tx: Tx) -> Card:
        one = campaign_named(tx, desk, campaign, "campaign export")
        return table_page(one, tx.campaigns.by_day(one), desk.request.channel)

    return Reply(card=await desk.store.read(work))


def campaign_named(tx: Tx, desk: Desk, number: int | None, command: str) -> Campaign:
    """Return the campaign of that number; without one, that of this channel, else the only one.

    Raises UserError that offers those there are for `command`.
    """
    if number is not None:
        found = tx.campaigns.find(desk.space, number)
        if found is None:
            raise UserError(
                f"There is no campaign {number} here.", hint="/campaign list shows them all."
            )
        return found
    held = tx.campaigns.of(desk.space, _LISTED)
    running = [one for one in held if one.is_running] or held
    here = [one for one in running if one.channel.ref == desk.request.channel]
    if here or len(running) == 1:
        return (here or running)[0]
    if not held:
        raise none_runs()
    raise UserError(
        "Which campaign is meant?",
        choices=tuple(
            Action(
                label=f"{one.id}: {one.title}"[:75],
                command=command,
                arguments=(("campaign", str(one.id)),),
            )
            for one in running[:5]
        ),
    )


def none_runs() -> UserError:
    """The community has no campaign."""
    return UserError("There is no campaign here yet.", hint="/campaign create starts one.")


def _asked(one: Campaign) -> Notice:
    numbered = ("campaign", str(one.id))
    return Notice(
        text=text(f"Close “{one.title}”? This cannot be undone."),
        hint=text(
            "What came of it is posted in its channel. The key that tells callers apart is "
            "destroyed; only counts are kept."
        ),
        actions=(
            Action(
                label="Close it",
                command="campaign close",
                arguments=(numbered, ("sure", "yes")),
                danger=True,
            ),
        ),
    )


def _shown(one: Campaign) -> Action:
    return Action(
        label="How it went", command="campaign show", arguments=(("campaign", str(one.id)),)
    )


COMMANDS = (
    Command(
        noun="campaign",
        verb="show",
        summary="How a campaign is going",
        handler=show,
        options=(WHICH, PAGE),
    ),
    Command(
        noun="campaign",
        verb="list",
        summary="The campaigns of this community",
        handler=campaigns,
    ),
    Command(
        noun="campaign",
        verb="close",
        summary="End a campaign; what came of it is posted",
        handler=close,
        organizers=True,
        options=(WHICH, Option(name="sure", summary="Really", choices=("yes",))),
    ),
    Command(
        noun="campaign",
        verb="export",
        summary="The calls per target and day as a table, without callers",
        handler=export,
        options=(WHICH,),
    ),
)
