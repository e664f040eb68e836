"""What a person did in Slack, read from what Slack tells of it. Pure."""

from dataclasses import dataclass
from typing import Self

from bot.chats.slack_forms import Reference
from bot.chats.slack_markup import Json
from domain.model import Actor, ChannelRef, SpaceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who did something, where, and the ways to answer.

    `view_id` is set where it was done in a modal, which has no channel but the one it remembers.
    """

    actor: Actor
    channel: str
    response_url: str = ""
    trigger: str = ""
    view_id: str = ""

    @classmethod
    def command(cls, body: Json) -> Self:
        """Someone typed a slash command."""
        return cls(
            actor=Actor(id=str(body["user_id"]), name=str(body.get("user_name", ""))),
            channel=str(body["channel_id"]),
            response_url=str(body.get("response_url", "")),
            trigger=str(body.get("trigger_id", "")),
        )

    @classmethod
    def interaction(cls, body: Json) -> Self:
        """Someone pressed a button, or used a modal."""
        view, container = body.get("view") or {}, body.get("container") or {}
        channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
        reference = Reference.read(view) if view else None
        return cls(
            actor=_actor(body["user"]),
            channel=reference.channel if reference else str(channel),
            response_url=reference.response_url if reference else str(body.get("response_url", "")),
            trigger=str(body.get("trigger_id", "")),
            view_id=str(view.get("id", "")),
        )

    def where(self, space: SpaceRef) -> ChannelRef:
        """Return the channel; a direct message is named by its person, as when we post one."""
        direct = self.channel.startswith("D")
        return ChannelRef(
            space=space, external_id=f"user:{self.actor.id}" if direct else self.channel
        )

    def reference(self, token: str) -> Reference:
        """Return what a modal opened in answer has to remember."""
        return Reference(token=token, channel=self.channel, response_url=self.response_url)


def _actor(user: Json) -> Actor:
    return Actor(id=str(user["id"]), name=str(user.get("username") or user.get("name") or ""))
