"""What Slack sends to the app, and what comes back."""

import asyncio
from dataclasses import dataclass, field

from tests.doubles.slack.errors import Json, NoAck

SHOWN = {
    "timeout": "operation_timeout",
    "http_timeout": "operation_timeout",
    "connection_failed": "dispatch_failed",
    "http_error": "http_service_error",
}
WITH_PAYLOAD = frozenset({"view_submission", "block_suggestion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """How a signed request is to be wrong; what is left out is right."""

    secret: str | None = None
    age: float = 0.0
    timestamp: str | None = None
    signature: str | None = None


WRONG_SIGNATURE = Forgery(secret="nobody ever told me")
STALE = Forgery(age=301.0)
NOT_A_NUMBER = Forgery(timestamp="yesterday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One acknowledgement, or the problem there was instead of one."""

    payload: Json | None = None
    status: int = 200
    problem: str = ""
    no_retry: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Delivery:
    """One command, interaction or event on its way; `answers` has all acknowledgements."""

    kind: str
    id: str
    payload: Json
    via: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    attempts: int = 0
    answers: list[Answer] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acked(self) -> bool:
        """Whether the app has acknowledged at least once."""
        return any(not answer.problem for answer in self.answers)

    @property
    def takes_payload(self) -> bool:
        """Whether Slack reads what the acknowledgement says."""
        return self.kind == "slash_commands" or self.payload.get("type") in WITH_PAYLOAD

    def answered(self, answer: Answer) -> None:
        """Take in an acknowledgement."""
        self.answers.append(answer)
        self.arrived.set()

    def said(self) -> Json | None:
        """The first acknowledgement's payload, or NoAck with the error the person sees."""
        for answer in self.answers:
            if not answer.problem:
                return answer.payload
        last = self.answers[-1] if self.answers else Answer(problem="timeout", status=0)
        raise NoAck(SHOWN[last.problem], status=last.status or None)
