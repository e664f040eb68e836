"""The legislatures' services on loopback: they answer as the real ones do, and refuse as they do.

Answers are laid out by tests, recorded ones or synthetic ones of the same form. The double checks
what the real services check: the key and where it stands, `format=json`, sizes of pages.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.loopback import Loopback

KEYS = {
    "openstates": "synthetic-openstates-key",
    "legiscan": "synthetic-legiscan-key",
    "congress": "synthetic-congress-key",
    "legistar": "synthetic-legistar-token",
}
_PREFIXES = {"openstates": "", "legiscan": "", "congress": "v3", "legistar": "v1"}
Rows = list[dict[str, Any]]


@dataclass
class Fault:
    """What a service answers instead."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Capitol(Loopback):
    """Serves every service below a path of its own name."""

    pattern = "/{service}/{path:.*}"

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, bytes] = {}
        self.lists: dict[str, Rows] = {}
        self.etags: dict[str, str] = {}
        self.fault: Fault | None = None
        self.asked: list[web.Request] = []

    def url(self, service: str) -> str:
        """Return the address under which a service's settings have it."""
        prefix = _PREFIXES.get(service, "")
        return f"{self.root}/{service}/{prefix}".rstrip("/") + "/"

    @property
    def paths(self) -> list[str]:
        """Return the paths that were asked, in order, without their parameters."""
        return [request.path for request in self.asked]

    def put(self, path: str, document: bytes | dict[str, Any] | list[Any]) -> None:
        """Lay out a document at `service/path`."""
        if isinstance(document, bytes):
            self.documents[path] = document
        else:
            self.documents[path] = json.dumps(document).encode()

    async def _serve(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if self.fault:
            fault = self.fault
            return web.Response(status=fault.status, headers=fault.headers, body=fault.body)
        service, path = request.match_info["service"], request.match_info["path"]
        answer = _SERVICES.get(service, Capitol._plain)
        return answer(self, request, f"{service}/{path}".rstrip("/"))

    def _plain(self, request: web.Request, path: str) -> web.Response:
        if path not in self.documents:
            return _refuse(404, "Not Found")
        etag = self.etags.get(path)
        headers = {"ETag": etag} if etag else {}
        if etag and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        kind = "application/json" if self.documents[path][:1] in b"[{" else "text/xml"
        return web.Response(body=self.documents[path], content_type=kind, headers=headers)

    def _openstates(self, request: web.Request, path: str) -> web.Response:
        if request.headers.get("X-API-KEY") != KEYS["openstates"]:
            return _refuse(403, "Invalid API key, see https://openstates.org/accounts/profile/")
        asked = request.query
        if path == "openstates/bills" and not ({"jurisdiction", "q"} & set(asked)):
            return _refuse(400, "either 'jurisdiction' or 'q' required")
        if path not in self.lists:
            return self._plain(request, path)
        per_page, page = int(asked.get("per_page", "10")), int(asked.get("page", "1"))
        if per_page > 20:
            return _refuse(400, "invalid per_page, must be in [1, 20]")
        rows = self.lists[path]
        told = {
            "results": rows[(page - 1) * per_page : page * per_page],
            "pagination": {
                "page": page,
                "per_page": per_page,
                "max_page": max(1, -(-len(rows) // per_page)),
                "total_items": len(rows),
            },
        }
        return web.json_response(told)

    def _legiscan(self, request: web.Request, path: str) -> web.Response:
        asked = dict(request.query)
        if asked.pop("key", "") != KEYS["legiscan"]:
            return web.json_response(_legiscan_error("Invalid API Key"))
        name = "/".join([path, *(f"{key}={asked[key]}" for key in sorted(asked))])
        if name not in self.documents:
            return web.json_response(_legiscan_error("Unknown bill id"))
        return self._plain(request, name)

    def _congress(self, request: web.Request, path: str) -> web.Response:
        asked = request.query
        if asked.get("api_key") != KEYS["congress"]:
            return _refuse(403, "API_KEY_INVALID")
        if asked.get("format") != "json":
            return web.Response(text="<api-root></api-root>", content_type="application/xml")
        if int(asked.get("limit", "20")) > 250:
            return _refuse(400, "limit is at most 250")
        if path not in self.lists:
            return self._plain(request, path)
        rows, offset = self.lists[path], int(asked.get("offset", "0"))
        page = rows[offset : offset + int(asked.get("limit", "20"))]
        key = "committeeMeetings" if "committee-meeting" in path else "bills"
        return web.json_response({key: page, "pagination": {"count": len(rows)}})

    def _legistar(self, request: web.Request, path: str) -> web.Response:
        asked = request.query
        if "/nyc/" in path and asked.get("token") != KEYS["legistar"]:
            return _refuse(403, "Token is required")
        if int(asked.get("$top", "1000")) > 1000:
            return _refuse(400, "The limit of '1000' for Top query has been exceeded")
        if path not in self.lists:
            return self._plain(request, path)
        skipped = int(asked.get("$skip", "0"))
        return web.json_response(self.lists[path][skipped : skipped + int(asked["$top"])])

    def _register(self, request: web.Request, path: str) -> web.Response:
        if int(request.query.get("per_page", "20")) > 1000:
            return _refuse(400, "per_page is at most 1000")
        return self._plain(request, path)


_SERVICES: dict[str, Callable[[Capitol, web.Request, str], web.Response]] = {
    "openstates": Capitol._openstates,
    "legiscan": Capitol._legiscan,
    "congress": Capitol._congress,
    "legistar": Capitol._legistar,
    "federal_register": Capitol._register,
}


def _refuse(status: int, detail: str) -> web.Response:
    return web.json_response({"detail": detail}, status=status)


def _legiscan_error(message: str) -> dict[str, Any]:
    return {"status": "ERROR", "alert": {"message": message}}
