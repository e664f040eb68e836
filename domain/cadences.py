"""When a cadence's time comes. Pure."""

from datetime import datetime, timedelta

_DIGEST_HOUR = 15  # UTC: morning to noon in the Americas
_MONDAY = 0


def digest_times(now: datetime) -> tuple[datetime, datetime]:
    """Return when what is told once a day, and once a week, goes out next."""
    today = now.replace(hour=_DIGEST_HOUR, minute=0, second=0, microsecond=0)
    daily = today if now < today else today + timedelta(days=1)
    weekly = daily + timedelta(days=(_MONDAY - daily.weekday()) % 7)
    return daily, weekly
