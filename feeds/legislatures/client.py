"""What a client is that cannot be asked everything."""

from abc import ABC, abstractmethod
from datetime import date
from typing import NoReturn

from feeds.legislatures.port import BillRef, Hearings, NotOffered, NotThere, Offer
from feeds.legislatures.service import Service


class Client(ABC):
    """A client over its service; `hearings` and `search` are offered by those that have them."""

    name: str
    offers: frozenset[Offer]

    def __init__(self, service: Service) -> None:
        self._service = service

    async def hearings(self, place: str, first: date, last: date) -> Hearings:
        """Return the hearings in a place from `first` to `last`, both included."""
        self._no(Offer.HEARINGS, place, first, last)

    async def search(self, place: str, words: str) -> tuple[BillRef, ...]:
        """Return bills about `words`."""
        self._no(Offer.SEARCH, place, words)

    @abstractmethod
    def covers(self, place: str) -> bool:
        """Whether it tells of that jurisdiction. No request."""

    def _covered(self, place: str) -> None:
        """Raise NotThere for a place it does not tell of."""
        if not self.covers(place):
            raise NotThere(self.name, f"it does not tell of {place}.")

    def _no(self, offer: Offer, *_: object) -> NoReturn:
        raise NotOffered(self.name, offer)
