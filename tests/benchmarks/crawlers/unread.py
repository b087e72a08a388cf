"""The floor: httpx fetches both views of each day, one after another, without parsing them."""

import sys
from datetime import date, timedelta
from pathlib import Path

import httpx


def main(site: str, first: str, days: str, file: str) -> None:
    """The number of bytes read is written to FILE."""
    size = 0
    with httpx.Client(base_url=site, timeout=20) as client:
        for number in range(int(days)):
            day = date.fromisoformat(first) + timedelta(days=number)
            for path in (f"/api/daily_papers?date={day}&limit=100", f"/papers/date/{day}"):
                size += len(client.get(path).raise_for_status().content)
    Path(file).write_text(f"{size}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
