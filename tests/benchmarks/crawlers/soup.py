"""requests + BeautifulSoup on lxml: the page of each day, one after another."""

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import requests
from bs4 import BeautifulSoup

from tests.benchmarks.mapping import record


def main(site: str, first: str, days: str, file: str) -> None:
    with requests.Session() as session, Path(file).open("w", encoding="utf-8") as out:
        for number in range(int(days)):
            day = date.fromisoformat(first) + timedelta(days=number)
            page = session.get(f"{site}/papers/date/{day}", timeout=20)
            page.raise_for_status()
            node = BeautifulSoup(page.content, "lxml").select_one('[data-target="DailyPapers"]')
            if node is None:
                raise LookupError(f"{page.url} shows no papers")
            for item in json.loads(str(node["data-props"]))["dailyPapers"]:
                print(json.dumps(record(item, str(day), None), ensure_ascii=False), file=out)


if __name__ == "__main__":
    main(*sys.argv[1:])
