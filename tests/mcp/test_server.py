"""`dailypapers mcp`, as clients see it: the SDK's own, the official Inspector, and the kernel."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from mcp import ClientSession, McpError, StdioServerParameters, types
from mcp.client.stdio import stdio_client

from dailypapers.mcp.server import TOOLS
from dailypapers.snapshots.catalog.catalog import open_catalog
from dailypapers.snapshots.store.layout import Store
from tests.product import Product
from tests.support.external_tools import external_tool
from tests.support.written_days import DAILY, DAY, paper, write_day

PROGRAM = Path(sys.executable).with_name("dailypapers")
INSPECTOR = Path(__file__).parents[1] / "browser" / "node_modules" / ".bin" / "mcp-inspector-cli"
Result = TypeVar("Result")

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    written = Store(tmp_path_factory.mktemp("store"))
    write_day(written, [paper(number, title=f"Lamps {number}") for number in range(1, 4)])
    with open_catalog(written):
        return written


def command(store: Store) -> list[str]:
    return [f"{PROGRAM}", "--store", f"{store.root}", "mcp"]


def in_session(words: list[str], use: Callable[[ClientSession], Awaitable[Result]]) -> Result:
    """What `use` gives in a session with a server that runs as a process of its own."""

    async def run() -> Result:
        parameters = StdioServerParameters(command=words[0], args=words[1:], env=dict(os.environ))
        async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            return await use(session)

    return anyio.run(run)


def test_a_client_finds_the_tools_and_their_schemas(store: Store) -> None:
    async def look(session: ClientSession) -> tuple[list[types.Tool], list[types.ResourceTemplate]]:
        templates = await session.list_resource_templates()
        return (await session.list_tools()).tools, templates.resourceTemplates

    tools, templates = in_session(command(store), look)
    assert [tool.name for tool in tools] == [
        "search_papers", "get_paper", "list_day", "day_certificate", "paper_history", "new_since",
    ]  # fmt: skip
    for tool in tools:
        assert tool.annotations is not None
        assert (tool.annotations.readOnlyHint, tool.annotations.openWorldHint) == (True, False)
        assert tool.outputSchema is not None
        assert {"days", "remarks"} <= set(tool.outputSchema["required"])
        assert "as_of" in tool.inputSchema["properties"]
        assert tool.description
    assert [template.uriTemplate for template in templates] == [
        "papers://{source}/{day}",
        "papers://{source}/{day}/certificate",
    ]


def test_a_client_that_asks_for_resources_and_prompts_gets_empty_lists(store: Store) -> None:
    async def look(session: ClientSession) -> tuple[list[types.Resource], list[types.Prompt]]:
        return (await session.list_resources()).resources, (await session.list_prompts()).prompts

    assert in_session(command(store), look) == ([], [])


def test_a_client_gets_answers_errors_and_resources(store: Store) -> None:
    values = {
        "search_papers": {"text": "lamps"},
        "get_paper": {"key": "2512.00001"},
        "list_day": {"day": f"{DAY}"},
        "day_certificate": {"day": f"{DAY}"},
        "paper_history": {"key": "2512.00001"},
        "new_since": {"since": f"{DAY}"},
    }
    assert values.keys() == TOOLS.keys()

    async def use(session: ClientSession) -> None:
        for name, arguments in values.items():
            # The client checks the answer against the output schema.
            answer = await session.call_tool(name, arguments)
            assert not answer.isError
            (text,) = answer.content
            assert isinstance(text, types.TextContent)
            assert json.loads(text.text) == answer.structuredContent
            assert answer.structuredContent is not None
            assert answer.structuredContent["days"]
        for name, arguments, message in (
            ("list_day", {"day": "../../x"}, "'../../x' is not a day; write it like 2025-12-08"),
            ("list_day", {"day": f"{DAY}", "source": "../x"}, "no source '../x'; there are: hf-daily"),
        ):
            answer = await session.call_tool(name, arguments)
            (text,) = answer.content
            assert answer.isError
            assert isinstance(text, types.TextContent)
            assert text.text.startswith(message)
        (resource,) = (await session.read_resource(f"papers://hf-daily/{DAY}")).contents  # type: ignore[arg-type]
        assert isinstance(resource, types.TextResourceContents)
        assert resource.text.encode() == store.papers(DAILY, DAY).read_bytes()
        for uri in ("papers://hf-daily/../../etc/passwd", "papers://hf-daily/2025-12-09", "papers://x/2025-12-09"):
            with pytest.raises(McpError, match=r"there are: |is not a day|a human can fetch it"):
                await session.read_resource(uri)  # type: ignore[arg-type]

    in_session(command(store), use)


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def lines(*messages: object) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def call_of(number: int, name: str, **arguments: Any) -> dict[str, Any]:
    return {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {"name": name, "arguments": arguments},
    }


def test_it_ends_with_its_input_and_prints_only_messages(store: Store) -> None:
    with subprocess.Popen(
        command(store), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(
            lines(INITIALIZE, INITIALIZED) + b"not JSON\n" + lines(call_of(2, "get_paper", key="2512.00001"))
        )
        server.stdin.flush()
        answers: list[dict[str, Any]] = []
        while 2 not in [answer.get("id") for answer in answers]:
            answers.append(json.loads(server.stdout.readline()))
        rest, _ = server.communicate(timeout=300)
    assert (server.returncode, rest) == (0, b"")
    (answer,) = [answer for answer in answers if answer.get("id") == 2]
    assert answer["result"]["structuredContent"]["paper"]["title"] == "Lamps 1"


def test_a_client_that_leaves_amid_messages_that_are_not_json_is_no_error(store: Store) -> None:
    messages = lines(INITIALIZE, INITIALIZED) + b"\n" * 50
    ended = subprocess.run(command(store), input=messages, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, b"a bug" in ended.stderr) == (0, False)


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_without_a_client_it_is_wrong_usage(store: Store, closed: str) -> None:
    words = f"{shlex.join(command(store))} {closed}"
    ended = subprocess.run(words, shell=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, b"stdin or stdout is closed" in ended.stderr) == (2, True)


def test_what_is_logged_is_one_json_object_a_line_if_asked(store: Store) -> None:
    words = [*command(store), "--log-format", "json"]
    messages = lines(INITIALIZE, INITIALIZED, call_of(2, "no_such_tool"))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(messages)
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        _, logged = server.communicate(timeout=300)
    assert "no tool 'no_such_tool'; there are: search_papers" in answers[1]["result"]["content"][0]["text"]
    assert "no_such_tool" in json.loads(logged)["message"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_while_it_waits_for_input(store: Store, number: signal.Signals) -> None:
    with subprocess.Popen(
        command(store), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(lines(INITIALIZE))
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["id"] == 1
        server.send_signal(number)
        assert server.wait(timeout=300) == 128 + number


@needs_strace
def test_it_opens_no_connection(store: Store, tmp_path: Path) -> None:
    """By the system calls of all its threads: sockets are only asyncio's own pair, and nothing is connected."""
    trace = tmp_path / "trace"
    traced = ["strace", "-f", "-qq", "-e", "trace=%network", "-o", f"{trace}", *command(store)]

    async def use(session: ClientSession) -> None:
        await session.call_tool("search_papers", {"text": "lamps"})
        await session.call_tool("list_day", {"day": f"{DAY}"})
        await session.call_tool("list_day", {"day": f"{DAY}", "as_of": "2025-12-01"})

    in_session(traced, use)
    calls = [re.sub(r"^\d+\s+", "", line) for line in trace.read_text().splitlines()]
    opened = [line for line in calls if line.startswith(("socket(", "socketpair("))]
    assert opened
    assert [line for line in opened if "AF_UNIX" not in line] == []
    assert [line for line in calls if line.startswith(("connect(", "bind(", "listen(", "accept"))] == []


def inspect(store: Store, *words: str) -> subprocess.CompletedProcess[str]:
    """The official Inspector's command line (https://github.com/modelcontextprotocol/inspector)."""
    inspector = external_tool(f"{INSPECTOR}", "npm ci --prefix tests/browser")
    started = [inspector, "--cli", f"{PROGRAM}", "mcp", "--store", f"{store.root}", *words]
    return subprocess.run(started, capture_output=True, text=True, timeout=300, check=False)


def test_the_inspector_lists_tools_with_output_schemas(store: Store) -> None:
    result = inspect(store, "--method", "tools/list")
    assert result.returncode == 0, result.stderr
    tools = json.loads(result.stdout)["tools"]
    assert [tool["name"] for tool in tools] == list(TOOLS)
    assert all(tool["outputSchema"]["properties"] for tool in tools)


def test_the_inspector_calls_tools(store: Store) -> None:
    result = inspect(store, "--method", "tools/call", "--tool-name", "list_day", "--tool-arg", f"day={DAY}")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)["structuredContent"]
    assert [entry["title"] for entry in answer["papers"]] == ["Lamps 1", "Lamps 2", "Lamps 3"]
    result = inspect(store, "--method", "tools/call", "--tool-name", "list_day", "--tool-arg", "day=../x")
    assert json.loads(result.stdout)["isError"]
    assert "'../x' is not a day; write it like 2025-12-08" in result.stdout


def test_the_inspector_reads_resources(store: Store) -> None:
    result = inspect(store, "--method", "resources/read", "--uri", f"papers://hf-daily/{DAY}/certificate")
    (content,) = json.loads(result.stdout)["contents"]
    assert content["text"].encode() == store.certificate(DAILY, DAY).read_bytes()


def test_without_a_store_it_says_so(product: Product) -> None:
    result = product("mcp")
    assert (result.status, result.out) == (3, "")
    assert "there is no store at" in result.err


def test_without_the_extra_it_is_named(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.cli.extras.find_spec", lambda _: None)
    result = product("mcp")
    assert result.status == 2
    assert "mcp needs mcp; install it with: " in result.err
    assert "-m pip install 'dailypapers[mcp]'" in result.err
