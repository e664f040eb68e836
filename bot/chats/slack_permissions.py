"""Who may change things in a Slack workspace, and where the bot may post."""

import logging
from datetime import datetime, timedelta

from bot.chats.slack_api import SlackApi
from bot.chats.slack_errors import SlackRefused
from bot.chats.slack_manifest import NAME
from domain.errors import ChatError, Refusal
from domain.ports import Clock

_log = logging.getLogger(__name__)
_REMEMBERED = timedelta(minutes=5)
_MOST = 10_000
_INVITATION = f"an invitation to it (type /invite @{NAME} here)"
_LACKS = {
    "not_in_channel": _INVITATION,
    "channel_not_found": _INVITATION,
    "is_archived": "a channel that is not archived",
    "missing_scope": "the permission chat:write (update the app and reinstall it)",
}
_LEAVE = "leave to post (ask a workspace admin)"
_CAN_POST = "Checked: I can post in this channel."


class Organizers:
    """Says who is one: admins and owners of the workspace, and people whom the config names.

    Slack is asked once in five minutes for each person.
    """

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
        is_one = member.is_admin and team in (member.teams or {team})
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[user] = (is_one, self._clock.now())
        return is_one


class Posting:
    """Says what the bot lacks to post in a channel.

    No scope of ours tells, and a post cannot be rehearsed; but a message that only the asker sees
    needs the same leave. So the asker is told that it was checked, and nobody else is disturbed.
    """

    def __init__(self, api: SlackApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._worked_at: dict[str, datetime] = {}

    def worked(self, channel: str) -> None:
        """Take note that a message was just taken there."""
        if len(self._worked_at) >= _MOST:
            self._worked_at.clear()
        self._worked_at[channel] = self._clock.now()

    async def lacks(self, channel: str, user: str) -> tuple[str, ...]:
        """Return what is lacking; nothing where only a post will tell."""
        worked_at = self._worked_at.get(channel)
        if worked_at and self._clock.now() - worked_at < _REMEMBERED:
            return ()
        try:
            await self._api.whisper(channel, user, {"text": _CAN_POST})
        except SlackRefused as error:
            return _lack(error)
        except ChatError as error:
            _log.warning("slack.posting_unknown channel=%s reason=%s", channel, error)
            return ()
        self.worked(channel)
        return ()


def _lack(error: SlackRefused) -> tuple[str, ...]:
    if error.refusal is Refusal.INVALID:  # it is about that message, not about the channel
        return ()
    return (_LACKS.get(error.code, _LEAVE),)
