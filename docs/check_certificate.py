"""Checks the certificates of a store against its archive: a second implementation of docs/certificate.md.

    python check_certificate.py STORE [DAY ...]

Needs Python 3.11 and warcio, and nothing of dailypapers. Checks digests, counts, keys, verdicts and states of hf-daily,
hf-weekly and hf-monthly; prints what differs, and exits 1 if anything does.
"""

import gzip
import json
import re
import sys
import zlib
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from html import unescape
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PERIODS = {"hf-daily": "day", "hf-weekly": "week", "hf-monthly": "month"}
ARXIV = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.ASCII)
BLOB = re.compile(r'data-target="DailyPapers" data-props="([^"]*)"')
CARD = re.compile(r'<h3[^>]*>\s*<a[^>]*href="/papers/([^"?#/]+)"')
TIME = re.compile(r'<time[^>]*datetime="([^"]*)"')


class Listing:
    """A day, week or month: its end, whether it may be empty, and from when on it must have papers."""

    def __init__(self, source, first):
        self.period, self.first = PERIODS[source], first
        after = self.first_day(first + {"day": 1, "week": 7, "month": 31}[self.period] * DAY)
        days = [first + number * DAY for number in range((after - first).days)]
        due = [day for day in days if day.weekday() < 5 and (day.month, day.day) not in {(1, 1), (12, 25)}]
        self.end, self.may_be_empty = midnight(after), not due
        self.filled = midnight(due[0] + DAY) if due else self.end

    def first_day(self, day):
        if self.period == "week":
            return day - day.weekday() * DAY
        return day.replace(day=1) if self.period == "month" else day

    def is_other(self, claim, view, items):
        """Whether the first page of a view is of another listing; a page that claims nothing is not."""
        day, period = claim
        if period == "mixed" or (view == "api" and items < 2):
            return period == "mixed" and items > 1 and self.period == "day"
        return period == "other" or (day is not None and (period, self.first_day(day)) != (self.period, self.first))


def midnight(day):
    return datetime.combine(day, time(), UTC)


def day_of(stamp):
    """The first day of `2026-W19`, `2026-05` or a date or time, and which of these it is."""
    try:
        if re.fullmatch(r"\d{4}-W\d\d", stamp):
            return date.fromisocalendar(int(stamp[:4]), int(stamp[6:]), 1), "week"
        return (date.fromisoformat(f"{stamp}-01"), "month") if len(stamp) == 7 else (
            date.fromisoformat(stamp[:10]), "day")  # fmt: skip
    except (TypeError, ValueError):
        return None, None


def listed(item):
    """The day on which an item says that it was listed."""
    paper = item.get("paper") if isinstance(item, dict) else None
    return day_of(paper.get("submittedOnDailyAt"))[0] if isinstance(paper, dict) else None


def read_archives(paths):
    """For each file the summary, and by view its answers: (status, headers, body), or None where there was none."""
    files, originals = [], {}
    for path in paths:
        records = []
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                http, body = record.http_headers, record.raw_stream.read()
                key = [record.rec_headers.get_header(name) for name in ("WARC-Target-URI", "WARC-Payload-Digest")]
                headers = {name.lower(): value for name, value in http.headers} if http else {}
                status = int(http.get_statuscode()) if http else 200
                if record.rec_type in {"response", "resource"} and status == 200:
                    originals[*key] = headers, body
                records.append((record.rec_type, tuple(key), status, headers, body))
        files.append((json.loads(records[-1][-1]), records))
    for summary, records in files:
        parts = {view["view"]: [records[number - 1] for number in view["records"]] for view in summary["views"]}
        yield summary, {name: [answer(record, originals) for record in part] for name, part in parts.items()}


def answer(record, originals):
    kind, key, status, headers, body = record
    if kind == "metadata" or (kind == "revisit" and key not in originals):
        return None
    if kind != "revisit":
        return status, headers, body
    stored, body = originals[key]
    own = {name: value for name, value in headers.items() if status == 200 or not name.startswith("content-")}
    return 200, (stored | own if status == 304 else own or stored), body


class View:
    """What one view showed in one fetch, from its answers in order."""

    def __init__(self, name, listing, answers, rejected):
        self.name, self.listing, self.rejected = name, listing, rejected
        self.failed = self.exhausted = self.elsewhere = self.ended = False
        self.items = self.pages = self.served = self.rejects = self.promised = self.last_count = 0
        self.papers, self.step, self.walks, self.in_walk, self.in_all = {}, 100, 1, set(), set()
        for each in answers:
            self.failed = each is None or each[0] != 200 or not self.take(*each[1:])

    def take(self, headers, body):
        """Read one page; returns whether it counts."""
        try:
            text = decoded(headers, body).decode("utf-8-sig", "surrogateescape")
            items, claim, promised, from_cards = self.api(headers, text) if self.name == "api" else self.html(text)
            is_paper = [isinstance(item, dict) and isinstance(item.get("paper"), dict) for item in items]
            if items and not any(is_paper):
                return False
        except (ValueError, LookupError, TypeError, AttributeError, OSError, EOFError, zlib.error):
            return False
        keys = [self.key(item) for item in items]
        if (not self.pages or self.ended) and self.listing.is_other(claim, self.name, len(items)):
            self.exhausted = self.name == "html" and self.listing.period == "day"
            self.elsewhere = self.exhausted and any(key.startswith("arxiv:") for key in keys)
            return self.exhausted
        self.items, self.promised = self.items + len(items), promised or self.promised
        self.rejects += sum(not key.startswith("arxiv:") for key in keys)
        self.papers |= {key: listed(item) for item, key in zip(items, keys, strict=True) if key.startswith("arxiv:")}
        self.walk(keys, 'rel="next"' in headers.get("link", ""))
        return not from_cards and (self.exhausted or not self.ended or self.walks < 3)

    def api(self, headers, text):
        """Items, claimed day and period, promised number of items, whether only the cards could be read."""
        items = json.loads(text)
        if not isinstance(items, list):
            raise TypeError
        days = Counter(filter(None, map(listed, items)))
        most = max(days, key=lambda day: days[day], default=None)
        claim = (None, "mixed") if most and days[most] * 2 <= days.total() else (most, self.listing.period)
        return items, claim, number_in(headers.get("x-total-count")), False

    def html(self, text):
        blob = BLOB.search(text)
        if blob is None:
            items, stamp = [{"paper": {"id": each}} for each in CARD.findall(text)], TIME.search(text)
            return items or [None], day_of(stamp and stamp[1]), 0, True
        props = json.loads(unescape(blob[1]))
        day, form = day_of(props.get("dateString") or props.get("date"))
        period = "other" if props.get("isTrending") or props.get("query") else props.get("periodType") or form
        return props["dailyPapers"], (day, period), number_in(props.get("totalCount")), False

    def key(self, item):
        """The key of a paper; of a rejected item its JSON."""
        paper = item.get("paper", item) if isinstance(item, dict) else item
        text, identity = json.dumps(paper, sort_keys=True), paper.get("id") if isinstance(paper, dict) else None
        match = ARXIV.fullmatch(identity) if isinstance(identity, str) else None
        return f"arxiv:{match[1]}" if match and text not in self.rejected else text

    def walk(self, keys, has_next):
        """Whether the walk through the pages has ended, and has shown as many different items as were served."""
        if self.ended:
            self.walks, self.step, self.served, self.in_walk = self.walks + 1, 100, 0, set()
        new = set(keys) - self.in_walk
        self.pages, self.last_count, self.served = self.pages + 1, len(keys), self.served + len(set(keys))
        self.in_walk, self.in_all = self.in_walk | new, self.in_all | new
        is_last = len(keys) < self.step and len(keys) != 50 and not has_next
        self.ended = self.name == "html" or not new or is_last
        self.exhausted = self.ended and (self.name == "html" or len(self.in_all) >= self.served)
        self.step = 50 if len(keys) == 50 else self.step

    @property
    def counts(self):
        is_short = not self.exhausted or self.items < self.promised
        return not (self.failed or is_short or (self.rejects and not self.papers))


def decoded(headers, body):
    coding = headers.get("content-encoding", "identity").lower()
    return {"identity": bytes, "gzip": gzip.decompress, "deflate": zlib.decompress}[coding](body)


def number_in(value):
    return int(value) if str(value).isdecimal() else 0


def without_strays(views, listing):
    """The views without papers that say they were listed on another day, unless the other view shows them too."""
    keys = [set(view.papers) for view in views]
    for number, view in enumerate(views):
        others = set().union(*keys[:number], *keys[number + 1 :])
        view.papers = {key: day for key, day in view.papers.items()
                       if key in others or day is None or listing.first_day(day) == listing.first}  # fmt: skip
    return views


def judge(fetches, listing):
    """For each fetch, (time, views), whether it is whole, its doubt and its papers."""
    seen, whole, row, falls = set(), set(), [], []
    for at, views in fetches:
        keys = set().union(*(view.papers for view in views))
        missing, doubt = whole - keys, doubt_of(at, views, keys, seen, whole, listing)
        falls = [(then, gone - keys) for then, gone in falls]
        confirmed = doubt == "fall" and any(
            at - then >= HOUR and is_fall(missing & gone, whole) for then, gone in falls
        )
        falls += [(at, missing)] if doubt == "fall" else []
        stands = doubt in {"apart", "nothing", "fall"} and at >= listing.end and keys <= seen
        row = [] if not keys <= seen else [*row, (at, doubt)] if stands else row
        same = [then for then, other in row if other == doubt]
        lasting = stands and len(same) >= 4 and at - same[0] >= 3 * DAY
        is_whole = len(views) == 2 and (doubt is None or confirmed or lasting)
        if is_whole:
            row, whole, falls = (row if doubt and not confirmed else []), keys, []
        seen = seen | keys
        yield is_whole, None if is_whole else doubt, keys


def doubt_of(at, views, keys, seen, whole, listing):
    if len(views) < 2:
        return "cut" if views[0].last_count in {50, 100} else None
    if not all(view.counts for view in views):
        return "failed"
    apart = len(views[0].papers.keys() ^ views[1].papers.keys())
    if apart > 2 and apart > 0.05 * len(keys):
        return "apart"
    if not keys and (seen or (at >= listing.filled and not listing.may_be_empty)):
        return "nothing"
    return "fall" if is_fall(whole - keys, whole) else None


def is_fall(missing, whole):
    return len(missing) > 2 and len(missing) > 0.10 * len(whole)


def state_of(fetches, listing):
    """The state at the time of the newest fetch, from the verdicts of the certificate."""
    times = [datetime.fromisoformat(fetch["at"]) for fetch in fetches]
    proofs = [(at, fetch) for at, fetch in zip(times, fetches, strict=True) if fetch["whole"] and at >= listing.end]
    late = [fetch for at, fetch in proofs if fetch["kind"] == "fetch" and at >= listing.end + 30 * DAY]
    if not any(fetch["papers"] for fetch in fetches):
        other = [at for at, fetch in proofs if fetch["elsewhere"]]
        first, last = (proofs[0][0], proofs[-1][0]) if proofs else (None, None)
        agree = any(max(at - first, last - at) >= HOUR for at in other) or (proofs and last - first >= 7 * DAY)
        if agree or (listing.may_be_empty and any(fetch["elsewhere"] for fetch in late)):
            return "empty"
    else:
        newest = max((number for number, fetch in enumerate(fetches) if fetch["new"]), default=0)
        since = [(at, fetch) for at, fetch in proofs if fetch in fetches[newest:]]
        if any(since[-1][0] - at >= 12 * HOUR or (fetch in late and fetch["papers"]) for at, fetch in since):
            return "closed"
    return "partial" if fetches[-1]["doubt"] else "settling" if max(times) >= listing.end else "open"


def check(path, pages):
    """What is wrong with a certificate, line by line."""
    content = path.read_bytes()
    before, _, after = content.rpartition(b',\n  "checksum": "')
    if after != sha256(before).hexdigest().encode() + b'"\n}\n':
        yield "the certificate was changed after it was written"
    said, lines = json.loads(content), {"papers": [], "rejects": []}
    for kind, file, folder in [*((kind, file, path.parent) for kind, file in said["files"].items()),
                               *((None, fetch, pages) for fetch in said["fetches"])]:  # fmt: skip
        found = folder / file["file"]
        built = found.read_bytes() if found.exists() else b""
        if (len(built), sha256(built).hexdigest()) != (file["bytes"], file["sha256"]):
            yield f"{file['file']}: missing, or not the file that the certificate names"
            return
        lines[kind] = [json.loads(line) for line in built.splitlines()] if kind else []
    named = {fetch["file"] for fetch in said["fetches"]} | set(said["lost"])
    if unnamed := {found.name for found in pages.glob("*.warc.gz")} - named:
        yield f"archive files that the certificate does not name: {', '.join(sorted(unnamed))}"
    listing = Listing(said["source"], date.fromisoformat(said["day"]))
    raws = [
        row["raw"].get("paper", row["raw"]) if isinstance(row["raw"], dict) else row["raw"] for row in lines["rejects"]
    ]
    rejected, fetches = {json.dumps(raw, sort_keys=True) for raw in raws}, []
    for summary, answers in read_archives([pages / fetch["file"] for fetch in said["fetches"]]):
        views = [View(name, listing, answers[name], rejected) for name in ("api", "html") if name in answers]
        fetches.append((datetime.fromisoformat(summary["at"]), without_strays(views, listing)))
    yield from compare(said, fetches, listing, lines)


def compare(said, fetches, listing, lines):
    """Where verdicts, counts, keys or state differ from what the certificate says."""
    seen, previous = set(), set()
    for claimed, (at, views), (whole, doubt, keys) in zip(
        said["fetches"], fetches, judge(fetches, listing), strict=True
    ):
        found = {"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "whole": whole, "doubt": doubt, "papers": len(keys),
                 "new": len(keys - seen), "left": len(previous - keys),
                 "elsewhere": any(view.elsewhere for view in views)}  # fmt: skip
        yield from differences(claimed["file"], found, claimed)
        for view, shown in zip(views, claimed["views"], strict=True):
            found = {"view": view.name, "items": view.items, "papers": len(view.papers), "rejects": view.rejects,
                     "promised": view.promised or None, "exhausted": view.exhausted and not view.failed,
                     "failed": view.failed}  # fmt: skip
            yield from differences(f"{claimed['file']} {view.name}", found, shown | {"failed": bool(shown["failed"])})
        seen, previous = seen | keys, keys
    if sorted(seen) != [row["key"] for row in lines["papers"]]:
        yield f"the archive shows {len(seen)} papers, and the day file has {len(lines['papers'])}, or others"
    gone = sum(row["last_seen"] is not None for row in lines["papers"])
    found = {"papers": len(seen), "gone": gone, "rejects": len(lines["rejects"]),
             "as_of": f"{max(at for at, _ in fetches):%Y-%m-%dT%H:%M:%SZ}",
             "state": state_of(said["fetches"], listing)}  # fmt: skip
    yield from differences("the day", found, said)


def differences(where, found, said):
    yield from (f"{where}: {name} is {value}, the certificate says {said[name]}"
                for name, value in found.items() if said[name] != value)  # fmt: skip


def main(store, days):
    checked = wrong = 0
    for source in PERIODS:
        for path in sorted((store / "snapshots" / source).glob("*/*.day.json")):
            day = path.name[:10]
            if not days or day in days:
                found = list(check(path, store / "pages" / source / day[:4] / day))
                checked, wrong = checked + 1, wrong + bool(found)
                print(*(f"{source} {day}: {line}\n" for line in found), sep="", end="")
    print(f"{checked} certificates checked, {wrong} wrong")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
