"""The meter counts what comes, and a log says how much came in any window."""

import threading
import time
from collections.abc import Iterable

import pytest

from tests.papersite import Answer, Meter, PaperSite, Request, Served
from tests.papersite.rate import LIMITS, most_in_window, pauses, scaled
from tests.papersite.raw_socket import receive
from tests.papersite.site import NOON

API, PAGE = "/api/papers/2512.00001", "/papers"


def logged(*lines: tuple[float, str, int]) -> Iterable[Served]:
    return [Served("GET", target, status, (), NOON, ticks) for ticks, target, status in lines]


def test_the_real_limits_scaled() -> None:
    assert scaled() == {"api": (500, 6), "pages": (100, 6)}
    assert LIMITS == {"api": (500, 300), "pages": (100, 300)}
    clock = [600.0]
    with PaperSite(meter=Meter(scaled(), lambda: clock[0])) as site:
        statuses = [site.serve(Request("GET", PAGE)).status for _ in range(102)]
        assert statuses == [302] * 100 + [429] * 2
        assert most_in_window(site.log, "pages", 6) == 102
        clock[0] += 4.5
        refused = receive(site, PAGE)
        assert (refused.status, refused.all("Retry-After")) == (429, ["2"])
        assert refused.all("RateLimit") == ['"pages";r=0;t=2']
        assert refused.all("RateLimit-Policy") == ['"fixed window";"pages";q=100;w=6']
        clock[0] += 1.5
        assert receive(site, PAGE).status == 302


def test_a_refusal_may_say_no_time() -> None:
    with PaperSite(meter=Meter({"api": (0, 6)}, time.monotonic, retry_after=False)) as site:
        refused = receive(site, API)
        assert (refused.status, refused.all("Retry-After")) == (429, [])


def test_who_waits_as_long_as_the_refusal_says_is_served() -> None:
    with PaperSite(meter=Meter({"api": (1, 1)}, time.monotonic)) as site:
        while (answer := receive(site, API)).status != 429:
            pass
        time.sleep(float(answer.all("Retry-After")[0]))
        assert receive(site, API).status == 404
        (pause,) = pauses(site.log)
        assert pause >= 1


def test_no_request_is_lost_to_the_count_by_threads() -> None:
    meter = Meter({"api": (10**6, 10**6)}, time.monotonic)

    def charge() -> None:
        for _ in range(500):
            meter.charge(Request("GET", API))

    threads = [threading.Thread(target=charge) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    headers, _ = meter.charge(Request("GET", API))
    assert f"r={10**6 - 4001};" in headers[0][1]


@pytest.mark.parametrize(
    ("bucket", "seconds", "most"),
    [("api", 1, 2), ("api", 1.01, 3), ("api", 100, 4), ("pages", 100, 1), (None, 100, 6), ("arxiv", 100, 0)],
)
def test_the_most_in_any_window(bucket: str | None, seconds: float, most: int) -> None:
    log = logged((5, API, 200), (0.5, API, 200), (0, API, 200), (1, API, 429), (1, PAGE, 200), (1, "/robots.txt", 200))
    assert most_in_window(log, bucket, seconds) == most


def test_no_log_no_most() -> None:
    assert (most_in_window([], None, 1), pauses([])) == (0, [])


def test_pauses_end_with_the_next_request_of_any_kind() -> None:
    log = logged((0, API, 429), (1, API, 200), (4, PAGE, 429), (9, "/robots.txt", 503), (10, API, 200), (11, API, 429))
    assert (pauses(log), pauses(log, 503)) == ([1, 5], [1])


def test_ticks_are_of_when_a_request_came() -> None:
    answered = []

    def late(_: Request, answer: Answer) -> Answer:
        answered.append(time.monotonic())
        return answer

    site, before = PaperSite(switches=[late]), time.monotonic()
    site.serve(Request("GET", PAGE))
    assert before <= site.log[0].ticks <= answered[0]
