"""The registry of faults and the mixtures of them; what each does is shown in `test_faults_*`."""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.papersite import PaperSite, Request
from tests.papersite.faults import FAULTS, HARMLESS, LASTING, for_seconds, mixture
from tests.papersite.raw_socket import Received, receive, soon
from tests.papersite.reading import MONDAY, TLS
from tests.papersite.switches import times

API, PAGE = f"/api/daily_papers?date={MONDAY}", f"/papers/date/{MONDAY}"
ALIKE = {"slow", "old-body"}  # in bytes, to what is right, if only once and of a day that is over


def ask(site: PaperSite, target: str) -> httpx.Response:
    with httpx.Client(verify=TLS, trust_env=False, follow_redirects=True, timeout=120) as client:
        return client.get(site.url + target)


@pytest.fixture(scope="module")
def running() -> Iterator[PaperSite]:
    with PaperSite() as site:
        yield site


@pytest.fixture(scope="module")
def right(running: PaperSite) -> dict[str, Received]:
    return {target: receive(running, target) for target in (API, PAGE)}


@pytest.fixture
def site(running: PaperSite, right: dict[str, Received]) -> PaperSite:
    """The same for all, as it was."""
    running.switches.clear()
    running.log.clear()
    return running


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_is_done_where_it_should_be_and_logged_by_name(
    name: str, site: PaperSite, right: dict[str, Received]
) -> None:
    site.switches = [times(1, "/papers", FAULTS[name]("/"))]
    assert receive(site, API) == right[API]
    began = time.monotonic()
    received = receive(site, PAGE)
    assert time.monotonic() - began < 40
    assert [line.fault for line in site.log] == ["", name]
    assert (received == right[PAGE]) is (name in ALIKE)
    assert soon(lambda: receive(site, PAGE) == right[PAGE])


@pytest.mark.parametrize("name", sorted(HARMLESS))
@pytest.mark.parametrize("target", [API, PAGE])
def test_harmless_ones_give_the_right_text(name: str, target: str, site: PaperSite, right: dict[str, Received]) -> None:
    site.switches = [FAULTS[name]("/")]
    answer = ask(site, target)
    assert (answer.status_code, answer.content) == (200, right[target].body)


def test_a_fault_is_done_to_its_requests_alone(site: PaperSite, right: dict[str, Received]) -> None:
    site.switches = [fault("/papers") for fault in FAULTS.values()]
    assert receive(site, API) == right[API]
    assert site.log[0].fault == ""


def test_all_names_that_are_told_apart_exist() -> None:
    assert set(FAULTS) > HARMLESS | LASTING
    assert not HARMLESS & LASTING


def test_faults_on_top_of_each_other_are_all_logged() -> None:
    with PaperSite(switches=[FAULTS["old-age"]("/"), FAULTS["503"]("/"), FAULTS["slow"]("/")]) as site:
        assert receive(site, API).status == 503
        assert site.log[0].fault == "old-age+503+slow"
        site.switches.pop(1)
        assert receive(site, API).all("Age") == ["86400"]
        assert site.log[1].fault == "old-age+slow"


def met(seed: int, share: float, targets: list[str], where: str = "/") -> list[str]:
    """The faults of some requests, without a wire."""
    site = PaperSite(switches=[mixture(seed, share, where)])
    for target in targets:
        site.serve(Request("GET", target))
    return [line.fault for line in site.log]


def test_a_mixture_is_the_same_each_time_and_another_for_another_seed() -> None:
    targets = [API, PAGE] * 20
    assert met(1, 0.3, targets) == met(1, 0.3, targets) != met(2, 0.3, targets)


def test_a_mixture_does_not_depend_on_the_order_of_targets() -> None:
    apart, mixed = met(3, 0.5, [API] * 20 + [PAGE] * 20), met(3, 0.5, [API, PAGE] * 20)
    assert apart == mixed[::2] + mixed[1::2]


def test_a_mixture_has_its_share_of_all_but_lasting_faults() -> None:
    asked = [f"/api/papers/2512.{number:05}" for number in range(3000)]
    faults = Counter(met(5, 0.3, asked))
    assert 0.65 < faults.pop("") / 3000 < 0.75
    assert set(faults) == set(FAULTS) - LASTING
    assert met(5, 0, [API]) == [""]
    assert met(5, 1, [API, PAGE], "/papers")[0] == ""
    assert met(5, 1, [PAGE]) != [""]


def test_a_mixture_of_chosen_faults() -> None:
    with PaperSite(switches=[mixture(1, 1, faults={"503": FAULTS["503"]})]) as site:
        assert [receive(site, target).status for target in (API, PAGE)] == [503, 503]


def test_a_mixture_over_threads_loses_no_request() -> None:
    site = PaperSite(switches=[mixture(7, 0.5)])

    def press() -> None:
        for _ in range(50):
            site.serve(Request("GET", "/robots.txt"))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(line.fault for line in site.log) == Counter(met(7, 0.5, ["/robots.txt"] * 200))


def test_a_site_under_a_mixture_on_the_wire(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever comes, the site goes on, shows no traceback, and heals."""
    switch = mixture(11, 0.7)
    with PaperSite(switches=[switch], chunked=True, etag=True) as site:
        for _ in range(30):
            for target in (API, PAGE):
                try:
                    receive(site, target, Accept_Encoding="gzip", If_None_Match='"x"')
                except ConnectionError:
                    time.sleep(0.05)
        site.switches.clear()
        assert soon(lambda: receive(site, API).status == 200)
        assert len({line.fault for line in site.log}) > 10
    assert capsys.readouterr() == ("", "")


def test_a_switch_for_seconds_of_real_time() -> None:
    clock = [50.0]
    site = PaperSite(switches=[for_seconds(2, "/api/", FAULTS["503"]("/"), lambda: clock[0])])
    statuses = []
    for clock[0] in (60.0, 61.9, 62.0, 63.0):
        statuses.append((site.serve(Request("GET", API)).status, site.serve(Request("GET", PAGE)).status))
    assert statuses == [(503, 200)] * 2 + [(200, 200)] * 2
