"""The system's clock; tests and the demo bring their own."""

import asyncio
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that asks

    async def sleep(self, span: timedelta) -> None:
        """Wait."""
        await asyncio.sleep(span.total_seconds())
