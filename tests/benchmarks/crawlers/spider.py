# mypy: disallow-subclassing-any=False
"""Scrapy: `scrapy runspider spider.py -a site=SITE -a first=FIRST -a days=DAYS -O FILE:jsonlines`.

The settings are those of `scrapy startproject` (robots.txt obeyed, UTF-8), except for its delay of one second, where
Scrapy's default is used: no delay, eight requests at once. The log level is INFO; DEBUG prints every item in full.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import scrapy

from tests.benchmarks.mapping import record


class DailyPapers(scrapy.Spider):
    name = "dailypapers"
    custom_settings = {  # noqa: RUF012 - as Scrapy declares it
        "ROBOTSTXT_OBEY": True,
        "FEED_EXPORT_ENCODING": "utf-8",
        "LOG_LEVEL": "INFO",
    }

    def __init__(self, site: str, first: str, days: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        wanted = (date.fromisoformat(first) + timedelta(days=number) for number in range(int(days)))
        self.start_urls = [f"{site}/papers/date/{day}" for day in wanted]

    def parse(self, response: Any) -> Iterator[dict[str, Any]]:
        day = response.url.rpartition("/")[2]
        blob = response.css('[data-target="DailyPapers"]::attr(data-props)').get()
        for item in json.loads(blob)["dailyPapers"]:
            yield record(item, day, None)
