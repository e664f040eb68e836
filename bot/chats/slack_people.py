"""Who may change things in a Slack workspace: its admins and owners, and people the config names."""

import logging
from datetime import datetime, timedelta

from bot.chats.slack_api import SlackApi
from domain.errors import ChatError
from domain.ports import Clock

_log = logging.getLogger(__name__)
_REMEMBERED = timedelta(minutes=5)
_MOST = 10_000


class Organizers:
    """Says who is one; Slack is asked once in five minutes for each person."""

    def __init__(self, api: SlackApi, named: tuple[str, ...], clock: Clock) -> None:
        """`named` are user ids."""
        self._api = api
        self._named = frozenset(named)
        self._clock = clock
        self._known: dict[str, tuple[bool, datetime]] = {}

    @property
    def described(self) -> str:
        """Who they are, for those who are not."""
        count = len(self._named)
        if not count:
            return "workspace admins and owners"
        people = "one person" if count == 1 else f"{count} people"
        return f"workspace admins and owners, and {people} named in the bot’s settings"

    async def include(self, user: str, team: str) -> bool:
        """Whether a person is one in this workspace; not, where Slack cannot be asked."""
        if user in self._named:
            return True
        held = self._known.get(user)
        if held and self._clock.now() - held[1] < _REMEMBERED:
            return held[0]
        try:
            member = await self._api.member(user)
        except ChatError as error:
            _log.warning("slack.member_unknown user=%s reason=%s", user, error)
            return False
        # An admin of another workspace, met in a shared channel, is none here.
        is_one = member.is_admin and member.team in {team, ""}
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[user] = (is_one, self._clock.now())
        return is_one
