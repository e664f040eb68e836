"""Proposing and reviewing through the real adapters, against what Discord and Slack do."""

from collections.abc import AsyncIterator

import pytest

from tests import discord_bench, slack_bench
from tests.doubles.discord import Member, Permission

SOURCE = "https://paper.example/story Example Paper"
TYPED = {"kind": "broken", "on": "2022-06-01", "text": "A synthetic event.", "source": SOURCE}


@pytest.fixture
async def discord() -> AsyncIterator[discord_bench.Bench]:
    async with discord_bench.make_bench(record=True) as made:
        yield made


@pytest.fixture
def members(discord: discord_bench.Bench) -> tuple[Member, Member, Member]:
    """Two organizers and someone who is none."""
    guild = discord.guild
    return (
        guild.add_member("ana", Permission.MANAGE_GUILD),
        guild.add_member("bea", Permission.MANAGE_GUILD),
        guild.add_member("ben"),
    )


async def test_on_discord_from_the_card_to_what_counts(
    discord: discord_bench.Bench, members: tuple[Member, Member, Member]
) -> None:
    ana, bea, ben = members
    place = discord.channel
    async with discord.connected():
        shown = await discord.discord.slash(ben, place, "/pledge show", company="Amazon")
        choice = await discord.discord.click(ben, shown.message, "Propose a change")
        opened = await discord.discord.click(ben, choice.message, "Something happened")
        assert opened.modal is not None
        names = [one["custom_id"] for _, one in opened.modal.inputs]
        assert names == ["kind", "on", "text", "source"]

        refused = await discord.discord.submit(
            ben, opened.modal, **{**TYPED, "on": "2099-01-01", "source": "nowhere"}
        )
        assert "“2099-01-01” is in the future" in refused.text
        assert "“nowhere” is no http or https address" in refused.text
        again = await discord.discord.click(ben, refused.message, "Fill it in")
        assert again.modal is not None
        kept = {one["custom_id"]: one.get("value") for _, one in again.modal.inputs}
        assert kept["text"] == "A synthetic event."
        assert kept["on"] == "2099-01-01"
        done = await discord.discord.submit(ben, again.modal, on="2022-06-01", source=SOURCE)
        assert "Proposed: Amazon: broken, 1 June 2022" in done.text

        for organizer, told in ((ana, "confirmed by one organizer"), (bea, "counts from now on")):
            listed = await discord.discord.slash(organizer, place, "/pledge review")
            said = await discord.discord.click(organizer, listed.message, "Confirm 1")
            assert said.ephemeral
            assert told in said.text
        shown = await discord.discord.slash(ben, place, "/pledge show", company="Amazon")
        assert "BROKEN" in shown.text


async def test_on_discord_every_form_has_room_for_what_it_needs(
    discord: discord_bench.Bench, members: tuple[Member, Member, Member]
) -> None:
    ana, _, ben = members
    needed = {
        "terms": ["on", "text", "covers", "ends", "source"],
        "pledge": ["on", "text", "covers", "ends", "source"],
        "evidence": ["bearing", "kind", "on", "text", "source"],
    }
    async with discord.connected():
        for what, names in needed.items():
            opened = await discord.discord.slash(
                ben, discord.channel, "/pledge propose", company="Amazon", what=what
            )
            assert opened.modal is not None
            assert [one["custom_id"] for _, one in opened.modal.inputs] == names
        wrong = await discord.discord.slash(
            ben, discord.channel, "/pledge evidence", company="Amazon", bearing="supports",
            kind="news", on="2099", text="x", source=SOURCE,
        )  # fmt: skip
        assert wrong.modal is not None
        said = {part["label"]: part.get("description") for part in wrong.modal.components}
        assert said["When: a day, a month or a year"] == "“2099” is in the future."
        done = await discord.discord.submit(ben, wrong.modal, on="2021-02")
        assert "Proposed: Amazon: evidence that supports it, February 2021" in done.text
        wrong = await discord.discord.slash(
            ben, discord.channel, "/pledge evidence", company="Amazon", bearing="supports",
            kind="news", on="2021-02", text="x", source=SOURCE, bill="AB 99999",
        )  # fmt: skip
        assert wrong.modal is not None
        assert "bill" in [one["custom_id"] for _, one in wrong.modal.inputs]
        still = await discord.discord.submit(ben, wrong.modal, bill="AB 99998")
        again = await discord.discord.click(ben, still.message, "Fill it in")
        assert again.modal is not None
        assert "bill" in [one["custom_id"] for _, one in again.modal.inputs]
        done = await discord.discord.submit(ben, again.modal, bill="CA AB 2261")
        assert "Proposed: Amazon" in done.text
        listed = await discord.discord.slash(ana, discord.channel, "/pledge review")
        why = await discord.discord.click(ana, listed.message, "Decline 1")
        assert why.modal is not None
        assert [one["custom_id"] for _, one in why.modal.inputs] == ["reason"]
        declined = await discord.discord.submit(ana, why.modal, reason="Not there.")
        assert "is declined" in declined.text


@pytest.fixture(params=slack_bench.MODES)
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[slack_bench.Bench]:
    async with slack_bench.open_bench() as bench, bench.listening(request.param):
        yield bench
        assert bench.slack.refusals == []


async def test_on_slack_from_the_form_to_what_counts(slack: slack_bench.Bench) -> None:
    ben, ana = slack.member, slack.admin
    other = slack.slack.add_user("bea", is_admin=True)
    view = await slack_bench.form(slack, ben, "/pledge propose")
    reply = await slack.slack.submit(ben, view, company="Amazon", what="event")
    assert reply.action == "update", "the form for an event takes the place of the first"
    view = await reply.modal()
    assert [block["block_id"] for block in view.blocks if block["type"] == "input"] == [
        "kind", "on", "text", "source",
    ]  # fmt: skip
    wrong = {**TYPED, "on": "2099-01-01", "source": "nowhere"}
    reply = await slack.slack.submit(ben, view, **wrong)
    assert reply.errors == {
        "on": "“2099-01-01” is in the future.",
        "source": "“nowhere” is no http or https address. Put the address first.",
    }
    assert not view.closed
    reply = await slack.slack.submit(ben, view, on="2022-06-01", source=SOURCE)
    assert "Proposed: Amazon: broken, 1 June 2022" in (await reply.modal()).shown

    for organizer, said in ((ana, "is confirmed by one organizer"), (other, "counts from now on")):
        listed = await slack_bench.said(slack, organizer, "/pledge review")
        told = await (await slack.slack.click(organizer, listed, "Confirm 1")).message()
        assert said in told.shown
    shown = await slack_bench.said(slack, ben, "/pledge show Amazon")
    assert "BROKEN" in shown.shown


async def test_on_slack_a_decline_asks_why(slack: slack_bench.Bench) -> None:
    typed = f'/pledge propose Amazon what:event kind:broken on:2022-06-01 text:x source:"{SOURCE}"'
    await slack_bench.said(slack, slack.member, typed)
    listed = await slack_bench.said(slack, slack.admin, "/pledge review")
    view = await (await slack.slack.click(slack.admin, listed, "Decline 1")).modal()
    reply = await slack.slack.submit(slack.admin, view, reason="The page does not say so.")
    assert "is declined" in (await reply.modal()).shown
    again = await slack_bench.said(slack, slack.admin, "/pledge review 1 verdict:confirm")
    assert "is declined already" in again.shown


async def test_on_slack_what_is_wrong_can_be_mended_though_no_form_asks_for_it(
    slack: slack_bench.Bench,
) -> None:
    typed = f'/pledge evidence Amazon bearing:supports kind:news on:2021-02 text:x bill:"AB 99999" source:"{SOURCE}"'
    view = await slack_bench.form(slack, slack.member, typed)
    assert "No bill “AB 99999” is in the record." in view.shown
    reply = await slack.slack.submit(slack.member, view, bill="CA AB 2261")
    assert "Proposed: Amazon" in (await reply.modal()).shown
