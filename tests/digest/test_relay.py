"""Relays with TLS and a login: certificates are checked, and the password goes nowhere else."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from tests.digest.conftest import Mailing, at, listed
from tests.digest.sink import Sink, running
from tests.product import Product

PASSWORD = "correct-horse"
ISSUE = at(10, 7)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody trusts, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3", *names]
    subprocess.run([*command, "-keyout", folder / "key", "-out", folder / "cert"], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
    return both


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def mailing(product: Product, folder: Path, sink: Sink, relay: str, user: str = "") -> Mailing:
    """One mail that is due, for a relay at localhost."""
    made = Mailing(product, sink, folder)
    made.configure(f"{relay}://localhost:{sink.port}{user}")
    made.list_papers(listed(1, at(10, 5)))
    made.subscribe()
    return made


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """Takes one password, and leaves it to the relay to refuse any other."""
    return AuthResult(success=bytes(data.password) == PASSWORD.encode(), handled=False)


@pytest.mark.parametrize("is_trusted", [True, False])
@pytest.mark.parametrize("relay", ["smtps", "smtp+starttls"])
def test_certificates_are_checked(
    product: Product,
    tmp_path: Path,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    relay: str,
    is_trusted: bool,
) -> None:
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = context(certificate)
    options: dict[str, Any] = (
        {"ssl_context": tls} if relay == "smtps" else {"tls_context": tls, "require_starttls": True}
    )
    with running(**options) as sink:
        result = mailing(product, tmp_path, sink, relay)("send", now=ISSUE)
        assert result.status == (0 if is_trusted else 3), result.err
        assert ("certificate verify failed" in result.err) is not is_trusted
        assert len(sink.received) == is_trusted


def test_a_relay_without_starttls_gets_no_mail(product: Product, tmp_path: Path) -> None:
    with running() as sink:
        result = mailing(product, tmp_path, sink, "smtp+starttls")("send", now=ISSUE)
        assert (result.status, sink.received) == (3, [])
        assert "STARTTLS" in result.err


@pytest.mark.parametrize("password", [PASSWORD, "wrong-horse", None])
def test_the_password_is_that_of_the_environment(
    product: Product, tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch, password: str | None
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    if password is not None:
        monkeypatch.setenv("DAILYPAPERS_SMTP_PASSWORD", password)
    options = {"tls_context": context(certificate), "require_starttls": True}
    with running(**options, authenticator=authenticate, auth_required=True) as sink:
        made = mailing(product, tmp_path, sink, "smtp+starttls", "\nuser: papers")
        result = made("send", now=ISSUE)
        assert result.status == (0 if password == PASSWORD else 3), result.err
        assert len(sink.received) == (password == PASSWORD)
    assert ("535" in result.err) == (password != PASSWORD)
    assert "horse" not in result.err + result.out
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"horse" in path.read_bytes()] == []
