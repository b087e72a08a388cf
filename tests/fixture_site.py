"""`python -m tests.fixture_site SOURCE [--port N]`: serves the pages of a source's fixtures at their URLs, on loopback.

It prints its origin and serves until it is stopped, so that `dailypapers run SOURCE --endpoint SOURCE=ORIGIN` can be
tried without the site. A case that is not of status 200 is left out; where two have one address, the last is served.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from dailypapers.parsers import Page
from tests.support.fixture_cases import FIXTURES, page_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fixture_site", description="Serve fixtures on loopback.")
    parser.add_argument("source", help="a folder of tests/fixtures")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    asked = parser.parse_args(arguments)
    pages = served(asked.source)
    if not pages:
        print(f"tests/fixtures/{asked.source} holds no case of status 200", file=sys.stderr)
        return 2
    with ThreadingHTTPServer(("127.0.0.1", asked.port), handler(pages)) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return 0


def served(source: str) -> dict[str, Page]:
    """The pages by path and query."""
    pages = [page_of(path.parent) for path in sorted(FIXTURES.glob(f"{source}/*/meta.json"))]
    return {urlsplit(page.url)._replace(scheme="", netloc="").geturl(): page for page in pages if page.status == 200}


def handler(pages: dict[str, Page]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(404 if page is None else 200)
            for name, value in page.headers if page else ():
                self.send_header(name, value)
            body = page.body if page else b"Not found\n"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler


if __name__ == "__main__":
    sys.exit(main())
