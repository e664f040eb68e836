"""What goes wrong, told to the client or to the test.

Exception
 ├─ ApiError           Slack refuses a call: an `error` code, and what else the answer carries
 └─ Complaint          the test did what no person could do, or the app did what Slack resents
     ├─ InvalidManifest  Slack would not take this app manifest
     ├─ NotInManifest    the app never asked for this command, event, shortcut or for interactivity
     ├─ WrongMode        this does not go together with how the app is connected
     ├─ NoAck            the app did not acknowledge in time, or badly; the person saw an error
     ├─ InvalidAck       the app acknowledged with something Slack refuses
     ├─ NothingSeen      the person waited in vain
     ├─ NoSuchElement    there is nothing of that name to press, fill in or choose
     └─ FormRefused      Slack's client would not submit the form
"""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """Slack refuses a call; `extra` goes into the answer beside `ok` and `error`."""

    def __init__(self, error: str, **extra: object) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    @classmethod
    def schema(cls, error: str, problems: list[str]) -> "ApiError":
        """The refusal that names each fault with its JSON pointer, as Slack words it."""
        messages = [f"[ERROR] {problem}" for problem in problems]
        return cls(error, errors=problems, response_metadata={"messages": messages})

    @property
    def problems(self) -> list[str]:
        """The faults by JSON pointer, when there are any."""
        found = self.extra.get("errors")
        return [str(problem) for problem in found] if isinstance(found, list) else []

    def answer(self) -> Json:
        """The JSON body that the client gets."""
        return {"ok": False, "error": self.error, **self.extra}


class Complaint(Exception):
    """Base of everything the double says to the test."""


class InvalidManifest(Complaint):
    """Slack would not take this app manifest; `problems` names each fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class NotInManifest(Complaint):
    """The installed app never declared this, so Slack would not send it."""


class WrongMode(Complaint):
    """Socket Mode is on, so nothing goes over HTTP; or a forgery was asked of a websocket."""


class NoAck(Complaint):
    """The app did not acknowledge; `shown` is the error Slack shows, `status` the HTTP status."""

    def __init__(self, shown: str, *, status: int | None = None) -> None:
        said = f"HTTP {status}" if status else "no answer"
        super().__init__(f"not acknowledged ({said}): the person sees {shown}")
        self.shown = shown
        self.status = status


class InvalidAck(Complaint):
    """The app acknowledged with something Slack refuses; `problems` has the JSON pointers."""

    def __init__(self, error: str, problems: list[str] | None = None) -> None:
        super().__init__(f"{error}: {'; '.join(problems or [])}".rstrip(": "))
        self.error = error
        self.problems = problems or []


class NothingSeen(Complaint):
    """Nothing appeared in the time given."""


class NoSuchElement(Complaint):
    """There is nothing of that name to press, fill in or choose."""


class FormRefused(Complaint):
    """Slack's client would not submit this form; `fields` says why, by block id."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{block}: {why}" for block, why in fields.items()))
        self.fields = fields
