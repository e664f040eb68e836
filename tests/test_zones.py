"""The time zone of a channel: named as people name it, set, shown, taken back."""

import pytest

from commands.zones import zone_named
from domain.cards import Notice, Tone, plain
from domain.errors import UserError
from domain.model import Platform, SpaceRef
from storage.db import Database, Tx
from tests.fakes import Person


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("America/Los_Angeles", "America/Los_Angeles"),
        ("america/los angeles", "America/Los_Angeles"),
        ("Los Angeles", "America/Los_Angeles"),
        ("new_york", "America/New_York"),
        ("US/Pacific", "US/Pacific"),
        ("utc", "UTC"),
        ("none", ""),
    ],
)
def test_a_zone_is_known_by_its_name_or_its_city(written: str, zone: str) -> None:
    assert zone_named(written, "subscribe here") == zone


def test_an_unknown_zone_brings_near_names() -> None:
    with pytest.raises(UserError) as caught:
        zone_named("America/Los_Angles", "subscribe here")
    assert caught.value.message == "There is no time zone “America/Los_Angles”."
    assert caught.value.choices[0].typed == "/subscribe here zone:America/Los_Angeles"
    with pytest.raises(UserError) as caught:
        zone_named("Pacific", "subscribe here")
    assert "more than one" in caught.value.message
    assert {"Canada/Pacific", "US/Pacific"} == {one.label for one in caught.value.choices}
    with pytest.raises(UserError) as caught:
        zone_named("☃☃☃☃", "subscribe here")
    assert "America/Los_Angeles" in caught.value.hint


async def zone(database: Database) -> str:
    ref = SpaceRef(platform=Platform.DISCORD, external_id="1")

    def work(tx: Tx) -> str:
        space = tx.spaces.find(ref)
        assert space
        return tx.spaces.channel(space, "general").zone

    return await database.write(work)


async def test_it_is_set_with_a_subscription_and_taken_back(
    organizer: Person, shipped: Database
) -> None:
    card = await organizer.ask("/subscribe here IBM zone:America/Denver")
    assert isinstance(card, Notice)
    assert "hears IBM" in plain(card.text)
    assert "in America/Denver too" in plain(card.text)
    assert await zone(shipped) == "America/Denver"
    back = next(one for one in card.actions if one.label == "Undo the time zone")
    card = await organizer.press(back)
    assert isinstance(card, Notice)
    assert plain(card.text) == "Times of hearings are shown here as they are at each place."
    assert await zone(shipped) == ""
    assert len(await held(shipped)) == 1


async def test_alone_it_subscribes_to_nothing_more(organizer: Person, shipped: Database) -> None:
    await organizer.ask("/subscribe here IBM")
    await organizer.ask("/subscribe here zone:America/Denver")
    assert len(await held(shipped)) == 1
    assert await zone(shipped) == "America/Denver"
    await organizer.ask("/subscribe here Amazon")
    assert await zone(shipped) == "America/Denver"


async def test_where_nothing_is_heard_all_is(organizer: Person, shipped: Database) -> None:
    await organizer.ask("/subscribe here zone:America/Denver")
    assert await held(shipped) == ["all"]
    assert await zone(shipped) == "America/Denver"


async def test_a_zone_there_is_not_changes_nothing(organizer: Person, shipped: Database) -> None:
    card = await organizer.ask("/subscribe here IBM zone:Atlantis")
    assert isinstance(card, Notice)
    assert card.tone is Tone.WRONG
    assert await held(shipped) == []


async def held(database: Database) -> list[str]:
    ref = SpaceRef(platform=Platform.DISCORD, external_id="1")

    def work(tx: Tx) -> list[str]:
        space = tx.spaces.find(ref)
        assert space
        return [one.label for one in tx.subscriptions.of(space)]

    return await database.read(work)
