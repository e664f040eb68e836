import stat
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.tokens import PREFIX, Tokens, load_key
from domain.cards import Action
from domain.errors import UserError
from domain.model import ChannelRef, Platform, SpaceRef
from storage.db import Database
from tests.fakes import FakeClock


def channel(
    external_id: str = "general", *, space: str = "1", platform: Platform = Platform.DISCORD
) -> ChannelRef:
    return ChannelRef(space=SpaceRef(platform=platform, external_id=space), external_id=external_id)


SHOW = Action(label="Show", command="pledge show", arguments=(("company", "Rite Aid"), ("on", "")))
LONG = Action(label="Long", command="watch add", arguments=(("topic", "x" * 200),))
LINK = Action(label="Link", url="https://news.example")
HERE = channel()


@pytest.fixture
def tokens(database: Database, clock: FakeClock) -> Tokens:
    return Tokens(b"k" * 32, database, clock)


async def token_of(tokens: Tokens, action: Action) -> str:
    return (await tokens.sign([action], HERE))[action]


@pytest.mark.parametrize("action", [SHOW, LONG])
async def test_a_token_says_what_the_button_means(tokens: Tokens, action: Action) -> None:
    token = await token_of(tokens, action)
    assert len(token) <= 100
    assert token.startswith(PREFIX)
    assert await tokens.read(token, HERE) == (action.command, dict(action.arguments))


async def test_links_need_no_token(tokens: Tokens) -> None:
    assert set(await tokens.sign([SHOW, LINK, LONG], HERE)) == {SHOW, LONG}


@pytest.mark.parametrize(
    "elsewhere",
    [channel("news"), channel(space="2"), channel(platform=Platform.SLACK)],
    ids=["channel", "space", "platform"],
)
@pytest.mark.parametrize("action", [SHOW, LONG])
async def test_a_token_copied_elsewhere_is_refused(
    tokens: Tokens, action: Action, elsewhere: ChannelRef
) -> None:
    token = await token_of(tokens, action)
    with pytest.raises(UserError, match="does not belong here"):
        await tokens.read(token, elsewhere)


async def test_a_token_that_was_changed_is_refused(tokens: Tokens) -> None:
    token = await token_of(tokens, SHOW)
    for other in (
        token.replace("show", "list"),
        token.replace("Rite", "Rote"),
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[:-1],
        token + "x",
    ):
        with pytest.raises(UserError):
            await tokens.read(other, HERE)


async def test_another_key_makes_other_tokens(
    tokens: Tokens, database: Database, clock: FakeClock
) -> None:
    other = Tokens(b"o" * 32, database, clock)
    with pytest.raises(UserError):
        await other.read(await token_of(tokens, SHOW), HERE)


async def test_long_arguments_expire_and_short_ones_do_not(
    tokens: Tokens, clock: FakeClock
) -> None:
    short, long = await token_of(tokens, SHOW), await token_of(tokens, LONG)
    clock.advance(timedelta(days=89))
    assert await tokens.read(long, HERE)
    clock.advance(timedelta(days=1))
    with pytest.raises(UserError, match="too old"):
        await tokens.read(long, HERE)
    assert await tokens.read(short, HERE)


def test_a_delivery_has_one_nonce_of_its_own_that_discord_takes(tokens: Tokens) -> None:
    nonces = [tokens.nonce(number) for number in range(100)]
    assert nonces == [tokens.nonce(number) for number in range(100)]
    assert len(set(nonces)) == 100
    assert max(map(len, nonces)) <= 25


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.text("p1|~0=&%é\ud800", max_size=60))
async def test_anything_else_is_refused_plainly(tokens: Tokens, forged: str) -> None:
    with pytest.raises(UserError):
        await tokens.read(forged, HERE)


ARGUMENTS = st.lists(
    st.tuples(
        st.sampled_from(["company", "on"]), st.text(st.characters(exclude_categories=["Cs"]))
    ),
    unique_by=lambda pair: pair[0],
).map(tuple)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARGUMENTS)
async def test_any_arguments_come_back_as_they_were(
    tokens: Tokens, arguments: tuple[tuple[str, str], ...]
) -> None:
    action = Action(label="x", command="pledge show", arguments=arguments)
    token = await token_of(tokens, action)
    assert len(token) <= 100
    assert await tokens.read(token, HERE) == ("pledge show", dict(arguments))


class TestKey:
    def test_it_is_made_once_beside_the_database_for_its_owner_alone(self, tmp_path: Path) -> None:
        database = tmp_path / "pledgewatch.db"
        key = load_key("", database)
        assert len(key) == 32
        assert load_key("", database) == key
        (file,) = tmp_path.iterdir()
        assert file.name == "pledgewatch.db.key"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_each_database_has_its_own(self, tmp_path: Path) -> None:
        assert load_key("", tmp_path / "a.db") != load_key("", tmp_path / "b.db")

    def test_one_that_is_given_leaves_no_file(self, tmp_path: Path) -> None:
        key = load_key("given", tmp_path / "a.db")
        assert key == load_key("given", tmp_path / "b.db")
        assert key != load_key("other", tmp_path / "a.db")
        assert len(key) == 32
        assert list(tmp_path.iterdir()) == []
