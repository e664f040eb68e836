"""What the double answers when it refuses, and what it raises at a test that drives it."""

from typing import Any

Json = dict[str, Any]
Path = tuple[str | int, ...]


class ApiError(Exception):
    """A refusal with an HTTP status, the service's own code, and nested form errors."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: Json | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message} {errors or ''}".strip())
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.retry_after = retry_after

    def body(self) -> Json:
        """The refusal as the service writes it."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        if self.retry_after is not None:
            body |= {"retry_after": self.retry_after, "global": False}
        return body


class FormErrors:
    """Collects what is wrong with a body, field by field."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def __bool__(self) -> bool:
        return bool(self._tree)

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one fault at a path such as ("embeds", 0, "title")."""
        node = self._tree
        for part in path:
            node = node.setdefault(str(part), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def raise_if_any(self) -> None:
        """Refuse with 50035 if anything was noted."""
        if self._tree:
            raise ApiError(400, 50035, "Invalid Form Body", errors=self._tree)


def unauthorized() -> ApiError:
    """No token, or a wrong one."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """A path the service does not have."""
    return ApiError(404, 0, "404: Not Found")


def method_not_allowed() -> ApiError:
    """A path the service has, but not with this method."""
    return ApiError(405, 0, "405: Method Not Allowed")


def unknown(what: str) -> ApiError:
    """A 404 for a thing that does not exist, or is not shown to the bot."""
    codes = {
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "User": 10013,
        "Webhook": 10015,
        "Interaction": 10062,
        "Application": 10002,
        "application command": 10063,
    }
    return ApiError(404, codes[what], f"Unknown {what}")


def missing_access() -> ApiError:
    """The bot cannot see the place."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """The bot sees the place and may not do that there."""
    return ApiError(403, 50013, "Missing Permissions")


def empty_message() -> ApiError:
    """A message with nothing in it."""
    return ApiError(400, 50006, "Cannot send an empty message")


class DriverError(AssertionError):
    """A test asked for something that a person at a real client could not do."""


class NotSynced(DriverError):
    """The command is not among those the bot registered for that place."""


class BadOption(DriverError):
    """The client would not let a person send these options or fields."""


class NotAllowed(DriverError):
    """The client would not offer this to that person in that place."""


class NotClickable(DriverError):
    """There is no such control on the message, or it cannot be used."""


class NoAnswer(DriverError):
    """The bot did not answer an interaction in time; the person sees it fail."""
