"""The Census geocoder on loopback: answers that a test lays out, requests that it reads."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.loopback import Loopback

Layers = Mapping[str, list[dict[str, Any]]]
BROKEN = [{"status": "Layer query encountered an error: synthetic"}]


def layers(
    state: str,
    fips: str,
    *,
    house: str = "",
    upper: str = "",
    lower: str = "",
    congress: str = "119th",
    year: str = "2024",
) -> dict[str, list[dict[str, Any]]]:
    """The layers of a match, synthetic, in the shape of the real ones."""
    found: dict[str, list[dict[str, Any]]] = {
        "States": [{"GEOID": fips, "STUSAB": state, "BASENAME": state}],
        "Counties": [{"GEOID": f"{fips}001", "BASENAME": "Example"}],
    }
    if house:
        district = {"GEOID": f"{fips}{house}", "BASENAME": house, f"CD{congress[:3]}": house}
        found[f"{congress} Congressional Districts"] = [district]
    for name, district_name in (("Upper", upper), ("Lower", lower)):
        if district_name:
            code = f"{fips}{district_name.zfill(3)}"
            row = {"GEOID": code, "BASENAME": district_name}
            found[f"{year} State Legislative Districts - {name}"] = [row]
    return found


def answer(*matches: Layers, zip_code: str = "98119", state: str = "WA") -> bytes:
    """An answer with these matches."""
    listed = [
        {
            "matchedAddress": "100 EXAMPLE ST, SPRINGFIELD, WA",
            "coordinates": {"x": -122.3, "y": 47.6},
            "addressComponents": {"zip": zip_code, "state": state},
            "geographies": dict(match),
        }
        for match in matches
    ]
    return json.dumps({"result": {"input": {}, "addressMatches": listed}}).encode()


class Census(Loopback):
    """Serves one answer at a time."""

    pattern = "/geocoder/geographies/onelineaddress"

    def __init__(self) -> None:
        super().__init__()
        self.body = answer()
        self.status = 200
        self.location = ""
        self.delay = 0.0
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        """What settings have as the geocoder's address."""
        return f"{self.root}/geocoder/"

    async def _serve(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        await asyncio.sleep(self.delay)
        headers = {"Location": self.location} if self.location else {}
        return web.Response(
            body=self.body, status=self.status, content_type="application/json", headers=headers
        )
