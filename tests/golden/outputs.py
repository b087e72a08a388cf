"""All that the product gives of a store, by group and name: files and answers, as bytes that depend on nothing else."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow.parquet as pq

from .stores import Golden

Named = dict[str, bytes]

ROOT: Final = Path(__file__).parents[2]
PAPER: Final = (
    "SELECT key, first_day, observed, source, day, rank, title, abstract, author_count, published, published_inferred,"
    " updated, listed, submitter, upvotes, comments, github_stars, arxiv_id, arxiv_version, doi, announce_type,"
    " license, journal_ref, author_comment, ai_summary, url, pdf_url, code_url, project_url, thumbnail_url, withdrawn,"
    " first_seen, last_seen, organization, categories, keywords, media_urls, extra, authors, author_list"
    " FROM paper ORDER BY key"
)
LISTINGS: Final = "SELECT * FROM listings ORDER BY paper, source, query, day, key"
ALIAS: Final = (
    "SELECT alias.key, paper.key AS paper, evidence, confidence FROM alias JOIN paper ON paper.id = alias.paper"
    " ORDER BY alias.key"
)
CHANCE: Final = {"seconds", "waited_seconds", "peak_memory_bytes", "id"}
"""What a run report measures, and its name, which is a digest of that."""
MAIL: Final = (
    "from: Daily Papers <papers@lists.example>\nbase_url: https://papers.example/mail\nrelay: smtp://127.0.0.1:9\n"
)
FEEDS: Final = "feeds:\n  - name: models\n    series: hf-daily\n    search: model*\n"
URL: Final = "https://papers.example/x/"
HOURLY: Final = """\
jobs:
  - {name: hourly, schedule: "17 * * * *", run: run}
"""
"""Jobs that a crontab can have in any zone."""
CRON: Final = HOURLY + '  - {name: weekly, schedule: "40 6 * * mon", run: run hf-weekly, timeout: 1h}\n'
OPENING: Final = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "golden", "version": "1"},
}


def groups(golden: Golden, *, search: bool) -> dict[str, Named]:
    """Every output of a store. The search index is made if asked for; its bytes are not those of this product."""
    for name, text in (("mail.yaml", MAIL), ("feeds.yaml", FEEDS), ("cron.yaml", CRON), ("hourly.yaml", HOURLY)):
        (golden.folder / name).write_text(text)
    found = {"store": _store(golden), "fill": golden.printed, "catalog": _catalog(golden)}
    found["monitor"] = _printed(golden, *_looks())
    found |= {
        "site": _sites(golden, search=search),
        "feed": _feeds(golden),
        "export": _exports(golden),
        "mail": _mail(golden),
        "cron": _cron(golden),
    }
    found |= {"mirror": _mirror(golden), "as-of": _as_of(golden), "mcp": _mcp(golden)}
    return {group: {name: golden.settled(data) for name, data in files.items()} for group, files in found.items()}


def helps(golden: Golden, *words: str) -> Iterator[tuple[str, bytes]]:
    """The help of a command, and of its subcommands."""
    page = golden(" ".join([*words, "--help"]))
    yield " ".join(["help", *words]), page
    listed = page.decode().partition("-h, --help")[2]
    for name in re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE):
        yield from helps(golden, *words, name)


def files(folder: Path) -> Named:
    """The files of a folder without hidden ones, which are notes of the product to itself."""
    inside = ((path, path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        name.as_posix(): path.read_bytes()
        for path, name in inside
        if not any(part.startswith(".") for part in name.parts)
    }


def _store(golden: Golden) -> Named:
    held = {name: data for name, data in files(golden.store).items() if not name.startswith("catalog/")}
    reports = sorted(name for name in held if name.startswith("runs/"))
    told = sorted(_dumped(_measured(orjson.loads(held.pop(name)))) for name in reports)
    return held | {f"runs/{number:02}": report for number, report in enumerate(told, 1)}


def _printed(golden: Golden, *lines: str) -> Named:
    """What each command prints, by its line; a `/` would be a folder."""
    return {line.replace("/", "|"): golden(line) for line in lines}


def _measured(report: Any) -> Any:
    """The report without what is another each time."""
    if isinstance(report, dict):
        return {key: _measured(value) for key, value in report.items() if key not in CHANCE}
    return [_measured(each) for each in report] if isinstance(report, list) else report


def _dumped(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace") + b"\n"


def _keys(golden: Golden) -> list[str]:
    """A key that is joined for each reason there is, and the first, the middle and the last one."""
    rows = json.loads(golden(f'query --json "{ALIAS}"').partition(b"-- ")[0])["rows"]
    kinds = {row["evidence"]: row["key"] for row in reversed(rows)}
    return sorted({*kinds.values(), rows[0]["key"], rows[-1]["key"], rows[len(rows) // 2]["key"]})


def _catalog(golden: Golden) -> Named:
    day, earlier = f"{golden.earlier:%Y-%m-%d}", f"--as-of {golden.earlier:%Y-%m-%dT%H:%M:%SZ}"
    lines = [
        "papers", "papers --json --limit 1000", "papers --json --since start", "papers --json --sort upvotes",
        "papers --json --sort rising", f"papers --json --day {day}", "papers --json --source hf-daily --min-upvotes 5",
        f"papers --json --since {day} --limit 9", f"papers --json --limit 1000 {earlier}", "papers --keyword benchmark",
        "search model", "search --json model", 'search --json "mod* -the"', "search --json '\"state space\"'",
        f"search --json model {earlier}", "search nothing-like-it", "search --json code --source hf-daily",
        f'query --json "{PAPER}"', f'query --json "{LISTINGS}"', f'query --json "{ALIAS}"', f'query "{LISTINGS}"',
        f'query --json "{LISTINGS}" {earlier}', 'query "SELECT nothing"', "show nothing",
    ]  # fmt: skip
    for key in _keys(golden):
        lines += [
            f"{word} {shlex.quote(key)}{rest}"
            for word in ("show", "history")
            for rest in ("", " --json", f" --json {earlier}")
        ]
        lines.append(f"show {shlex.quote(key)} --json --sources")
    return _printed(golden, *lines)


def _looks() -> list[str]:
    looks = ["status", "rejects", "drift"]
    plain = [
        "sources",
        "schema",
        "runs schema",
        "build --check",
        "--version",
        "nothing",
        "run --nothing",
    ]
    return [*looks, *(f"{look} --json" for look in looks), *plain, "sources --json"]


def _sites(golden: Golden, *, search: bool) -> Named:
    """The files of a site, and of the search index the names alone: its bytes are Pagefind's."""
    words = "" if search else f"--no-search --thumbnails --base-url {URL}"
    printed = {"-- printed": golden(f"site --out site {words}"), "-- verify": golden("verify site")}
    made = files(golden.folder / "site")
    index = sorted(file for file in made if file.startswith("search/"))
    kept = {file: data for file, data in made.items() if file not in index}
    return printed | kept | {"-- search index": "\n".join(index).encode()}


def _feeds(golden: Golden) -> Named:
    words = ("", "--format rss", "--format json", "--search model", f"--base-url {URL}", "--since start")
    lines = [*(f"feed hf-daily {word}".strip() for word in words), "feed models"]
    return _printed(golden, *lines, f"feed --out feeds --format all --base-url {URL}") | files(golden.folder / "feeds")


def _exports(golden: Golden) -> Named:
    found: Named = {}
    for name, words in (("export", ""), ("earlier", f"--as-of {golden.earlier:%Y-%m-%dT%H:%M:%SZ}")):
        found[f"-- {name}"] = golden(f"export --jobs 1 --out {name} {words}")
        found[f"-- verify {name}"] = golden(f"verify {name}")
        for file, data in files(golden.folder / name).items():
            found[f"{name}/{file}"] = _table(golden.folder / name / file) if file.endswith(".parquet") else data
    return found


def _table(path: Path) -> bytes:
    """The content of a Parquet file, of which the bytes are of the library."""
    table = pq.read_table(path, partitioning=None)
    metadata = {key.decode(): value.decode() for key, value in sorted((table.schema.metadata or {}).items())}
    columns = [f"{column}" for column in table.schema.remove_metadata()]
    return _dumped({"metadata": metadata, "columns": columns, "rows": table.to_pylist()})


def _mail(golden: Golden) -> Named:
    previews = [f"mail preview --out mail{number} {words}" for number, words in enumerate(("--json", "--search model"))]
    printed = _printed(golden, *previews, "mail subscribe ann@example.org --at 07:00", "mail list", "mail outbox")
    return printed | {f"{n}/{name}": data for n in range(2) for name, data in files(golden.folder / f"mail{n}").items()}


def _cron(golden: Golden) -> Named:
    lines = [f"cron {line}" for line in ("list", "list --json", "next -n 9", "check", "schema")]
    lines += [
        f"cron export {target}" for target in ("--file hourly.yaml crontab", "systemd", "kubernetes --image papers:1")
    ]
    # How this Python is called, and the zone of the machine, are not of the product.
    python = re.compile(re.escape(f"{Path(sys.executable).parent}").encode() + rb"|(?<=zone is )[^:]+")
    return {line: python.sub(b"ANY", data) for line, data in _printed(golden, *lines).items()}


def _mirror(golden: Golden) -> Named:
    mirror = (golden.folder / "mirror").as_uri()
    printed = {line: golden(f"{line} {mirror}") for line in ("push", "verify")}
    listed = "\n".join(name for name in files(golden.folder / "mirror") if not name.startswith("runs/"))
    return printed | {"-- names": listed.encode()}


def _as_of(golden: Golden) -> Named:
    printed = golden(f"build --jobs 1 --as-of {golden.earlier:%Y-%m-%dT%H:%M:%SZ} --out then")
    return {"-- printed": printed} | {
        name: data for name, data in files(golden.folder / "then").items() if name.startswith("snapshots/")
    }


def _mcp(golden: Golden) -> Named:
    """The answers of a server to one client; in a process, since it takes over stdin and stdout."""
    asked = _questions(golden)
    opening = [_request(0, "initialize", OPENING), {"jsonrpc": "2.0", "method": "notifications/initialized"}]
    command = [
        sys.executable,
        "-m",
        "dailypapers",
        "--store",
        f"{golden.store}",
        "--now",
        f"{golden.now:%Y-%m-%dT%H:%M:%SZ}",
        "mcp",
    ]
    answers: Named = {}
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        for message in [*opening, *(_request(number, *each) for number, each in enumerate(asked, 1))]:
            server.stdin.write(orjson.dumps(message) + b"\n")
            server.stdin.flush()
            if "id" in message:
                answer = orjson.loads(server.stdout.readline())
                name = f"{message['id']:02} {message['method']} {message['params'].get('name', '')}".strip()
                answers[name] = json.dumps(answer, indent=1, sort_keys=True, ensure_ascii=False).encode()
        server.stdin.close()
    return answers


def _request(number: int, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _questions(golden: Golden) -> list[tuple[str, dict[str, Any]]]:
    day, key = f"{golden.earlier:%Y-%m-%d}", _keys(golden)[0]
    # An answer holds as many papers as fit into some bytes, and the folder is among them: so few are asked for.
    calls: list[tuple[str, dict[str, Any]]] = [
        ("search_papers", {"text": "model", "limit": 3}),
        ("get_paper", {"key": key}),
        ("list_day", {"day": day}),
        ("day_certificate", {"day": day}),
        ("paper_history", {"key": key}),
        ("new_since", {"since": day, "limit": 9}),
    ]
    earlier = {"as_of": f"{golden.earlier:%Y-%m-%dT%H:%M:%SZ}"}
    calls += [(name, values | earlier) for name, values in calls]
    calls += [("list_day", {"day": "x"}), ("get_paper", {"key": "x"}), ("list_day", {}), ("nothing", {})]
    uris = [f"papers://hf-daily/{day}", f"papers://hf-daily/{day}/certificate", "papers://x/y"]
    return [
        ("tools/list", {}),
        ("resources/templates/list", {}),
        *(("tools/call", {"name": name, "arguments": values}) for name, values in calls),
        *(("resources/read", {"uri": uri}) for uri in uris),
    ]
