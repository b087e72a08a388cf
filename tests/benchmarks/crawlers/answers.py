"""httpx + json: the API's answer of each day, one after another."""

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import httpx

from tests.benchmarks.mapping import record


def main(site: str, first: str, days: str, file: str) -> None:
    with httpx.Client(base_url=site, timeout=20) as client, Path(file).open("w", encoding="utf-8") as out:
        for number in range(int(days)):
            day = date.fromisoformat(first) + timedelta(days=number)
            answer = client.get("/api/daily_papers", params={"date": str(day), "limit": 100}).raise_for_status()
            for rank, item in enumerate(json.loads(answer.content), 1):
                print(json.dumps(record(item, str(day), rank), ensure_ascii=False), file=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
