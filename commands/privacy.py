"""`/pledgewatch privacy`: what is kept of people, what is not, and who sees what on its way."""

from commands.registry import Command
from domain.cards import Action, Bullets, Heading, Page, Paragraph, Reply, code, text
from domain.ports import Desk

_ADDRESSES = (
    text(
        "An address or ZIP code typed into ",
        code("/contact find"),
        " is not stored, not logged and "
        "in no error message. It is forgotten once the answer is there.",
    ),
    text(
        "Two others see an address on its way: the chat service you type it into (Discord or "
        "Slack), by its own rules, and the geocoder of the US Census Bureau, to which it is sent "
        "without your name. Nobody else."
    ),
    text("A ZIP code alone is looked up in a table here and sent nowhere."),
    text("The answer is shown to you alone."),
)
_DISTRICTS = (
    text(
        "Your districts, never the address, are remembered only if you press “Remember my "
        "districts”: with your account’s id, for this community alone."
    ),
    text(code("/contact forget"), " erases them. So does removing the bot from the community."),
    text("A place you name for a call’s words (“I’m a constituent from …”) is not kept."),
)
_CALLS = (
    text(
        "In a campaign a call is kept with its outcome, its time and a pseudonym made of your account’s "
        "id with a key of that campaign, so that people can be counted and a call undone."
    ),
    text(
        "When the campaign is closed the key, the pseudonyms and the times are destroyed: counts "
        "per legislator and day are left, and nobody can be told by them. A backup made before "
        "that still has them."
    ),
    text("Of a call logged with ", code("/contact log"), ", only that there was one is kept."),
)
_OTHERWISE = (
    text(
        "Who changed a watch, a subscription, a feed, the record, a campaign or a call’s words is kept with "
        "the account’s id, so that organizers can see and undo it."
    ),
    text("Messages are not read: the bot sees only commands, buttons and forms that are its own."),
)


async def privacy(desk: Desk) -> Reply:
    """What is kept of whom."""
    numbers = await desk.store.read(
        lambda tx: tx.people.remembered(desk.space, desk.request.actor.id)
    )
    kept = f"{len(numbers)} districts are remembered for you here." if numbers else ""
    actions = (Action(label="Forget my districts", command="contact forget"),) if numbers else ()
    return Reply(
        card=Page(
            title="What is kept about you",
            blocks=(
                Paragraph(text=text(kept or "Nothing about you is remembered here for calls.")),
                Heading(text="Addresses"),
                Bullets(items=_ADDRESSES),
                Heading(text="Districts"),
                Bullets(items=_DISTRICTS),
                Heading(text="Calls"),
                Bullets(items=_CALLS),
                Heading(text="Otherwise"),
                Bullets(items=_OTHERWISE),
            ),
            actions=actions,
        )
    )


COMMAND = Command(
    noun="pledgewatch",
    verb="privacy",
    summary="What is kept about people here, and who sees what is typed",
    handler=privacy,
)
