"""`mail.yaml`: the option that names it, and reading it with everything that is wrong in it at once."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

import click

from dailypapers.cli.options import file_option_of
from dailypapers.ingest.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from dailypapers.outputs.yaml_file import Document
    from dailypapers.snapshots.store.layout import Series

    from .render import Sender
    from .smtp import Relay

NAME: Final = "mail.yaml"
EXAMPLES: Final = {
    "from": "from: Daily Papers <NAME@DOMAIN>",
    "base_url": "base_url: https://papers.example.org",
    "relay": "relay: smtps://mail.example.org:465",
    "user": "user: NAME",
    "signup": "signup: [hf-daily, hf-trending]",
}
"""The keys, each with an example; `user` and `signup` may be left out."""
_OPTIONAL: Final = frozenset({"user", "signup"})
_PORTS: Final = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
_FROM: Final = re.compile(r'(?:"?([^"<>\\]*?)"?\s*)<([^<>]*)>|([^<>]*)')
_MAX_URL: Final = 500
_KEY: Final = "dailypapers.digest.config"


class MailConfig(NamedTuple):
    """The file, with the password of the environment."""

    sender: Sender
    relay: Relay
    signup: tuple[Series, ...]
    """What can be subscribed on the web."""


file_option = file_option_of(_KEY, "The file with the sender and the relay.  [default: ./mail.yaml]")
"""Adds --file to a command."""


def read_config(password: str | None) -> MailConfig:
    """Read the file. Raises UsageError with a line for each mistake."""
    from dailypapers.outputs.yaml_file import YamlFileError, read_file

    path: Path = click.get_current_context().meta.get(_KEY) or Path(NAME)
    try:
        document = read_file(path, f"write {EXAMPLES['from']}")
    except FileNotFoundError as error:
        lines = ", ".join(f"`{text}`" for key, text in EXAMPLES.items() if key not in _OPTIONAL)
        raise UsageError(f"there is no {path}; write one with a line each for {lines}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
    values = _checked(document)
    if document.diagnostics:
        raise YamlFileError(path, document.diagnostics)
    return MailConfig(values["from"], values["relay"]._replace(password=password), values["signup"])


def _checked(document: Document) -> dict[str, Any]:
    """The values of the keys; what is wrong goes into the document's diagnostics."""
    content = document.value
    if not isinstance(content, dict):
        if not document.diagnostics:  # else it is not YAML
            document.add(1, f"the file must be keys with values; write {EXAMPLES['from']}")
        return {}
    for key in sorted(content.keys() - EXAMPLES.keys()):
        known = did_you_mean(key, EXAMPLES) or f"; known are {', '.join(EXAMPLES)}"
        document.add(document.line((key,)), f"unknown key {key!r}{known}")
    for key in sorted(EXAMPLES.keys() - content.keys() - _OPTIONAL):
        document.add(1, f"{key!r} is missing; write {EXAMPLES[key]}")
    return {key: _value(document, content, key) for key in ("from", "relay", "signup")}


def _value(document: Document, content: Mapping[str, Any], key: str) -> object:
    readers: dict[str, Callable[[Mapping[str, Any]], object]] = {"from": _sender, "relay": _relay, "signup": _signup}
    try:
        return readers[key](content)
    except _WrongValue as error:
        document.add(document.line((error.key,)), f"{error.key}: {error}; write {EXAMPLES[error.key]}")
    return None


class _WrongValue(Exception):  # noqa: N818 - becomes a line of a message
    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


def _text(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise _WrongValue(key, "it must be one line of text")
    if re.fullmatch(r"[\x20-\x7e]*", value) is None:
        raise _WrongValue(key, "it may hold printable ASCII only")
    return value.strip()


def _sender(content: Mapping[str, Any]) -> Sender | None:
    from .message import check_address
    from .model import InvalidValueError
    from .render import Sender

    if not {"from", "base_url"} <= content.keys():
        return None
    text = _text(content, "from")
    match = _FROM.fullmatch(text)
    name, address = (match[1] or "", match[2] or match[3] or "") if match else ("", "")
    try:
        check_address(address)
    except InvalidValueError as error:
        raise _WrongValue("from", f"{text!r} holds no mail address") from error
    if "." not in address.rpartition("@")[2] and address.rpartition("@")[2] != "localhost":
        raise _WrongValue("from", f"the domain of {text!r} has no dot")
    if "=?" in name:
        raise _WrongValue("from", "the name is plain text, not an encoded word")
    return Sender(address, name, _base_url(content))


def _base_url(content: Mapping[str, Any]) -> str:
    url = _text(content, "base_url").rstrip("/")
    parts = _split("base_url", url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise _WrongValue("base_url", f"{url!r} is not https")
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment or re.search(r"[\s<>\"]", url):
        raise _WrongValue("base_url", f"{url!r} is not a plain URL with a host")
    if len(url) > _MAX_URL:
        raise _WrongValue("base_url", f"it is longer than {_MAX_URL} characters")
    return url


def _relay(content: Mapping[str, Any]) -> Relay | None:
    from .smtp import Relay

    if "relay" not in content:
        return None
    url = _text(content, "relay")
    parts = _split("relay", url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _WrongValue("relay", f"{url!r} is not smtps://HOST, smtp+starttls://HOST or smtp://127.0.0.1")
    if "@" in parts.netloc:
        raise _WrongValue("relay", "the user belongs to the key user, the password to DAILYPAPERS_SMTP_PASSWORD")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _WrongValue("relay", f"{url!r} has something after the port")
    if parts.scheme == "smtp" and not _is_loopback(parts.hostname):
        raise _WrongValue("relay", "without TLS, mail goes to this machine only (smtp://127.0.0.1)")
    security: Any = {"smtps": "tls", "smtp+starttls": "starttls", "smtp": "none"}[parts.scheme]
    user = _text(content, "user") or None
    return Relay(parts.hostname, parts.port or _PORTS[parts.scheme], security, user, None)


def _split(key: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError for a port that is no number
    except ValueError as error:
        raise _WrongValue(key, f"{url!r} is not a URL") from error
    return parts


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _signup(content: Mapping[str, Any]) -> tuple[Series, ...]:
    from dailypapers.ingest.sources.registry import SOURCES
    from dailypapers.snapshots.store.layout import Series

    names = content.get("signup", ["hf-daily"])
    known = [name for name, source in SOURCES.items() if source.is_plain]
    if not isinstance(names, list) or not names or not all(name in known for name in names):
        raise _WrongValue("signup", f"it must be a list of sources without a search: {', '.join(known)}")
    return tuple(Series(name) for name in names)
