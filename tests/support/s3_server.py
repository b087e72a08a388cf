"""A real S3 server (moto's) on loopback, in a process of its own.

python -m tests.support.s3_server     prints its URL and serves until stdin ends
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BUCKET = "papers-bucket"
SECRET = "wJalr-invented-secret"


@dataclass(frozen=True)
class S3Server:
    """A running server with one bucket."""

    endpoint: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What lets any AWS client use it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "invented-key",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self) -> Any:
        """A client of its own, by boto3."""
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to load

        names = {"aws_access_key_id": "invented-key", "aws_secret_access_key": SECRET}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **names)

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        """All objects below a prefix, by key without it."""
        client = self.client()
        return {key: client.get_object(Bucket=BUCKET, Key=prefix + key)["Body"].read() for key in self.digests(prefix)}

    def digests(self, prefix: str = "") -> dict[str, str]:
        """The MD5 of all objects below a prefix, in hex, by key without it; none is read."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        entries = [entry for page in pages for entry in page.get("Contents", ())]
        return {entry["Key"].removeprefix(prefix): entry["ETag"].strip('"') for entry in entries}

    def put(self, key: str, content: bytes) -> None:
        """Write an object behind the program's back."""
        self.client().put_object(Bucket=BUCKET, Key=key, Body=content)

    def delete(self, key: str) -> None:
        """Remove an object behind the program's back."""
        self.client().delete_object(Bucket=BUCKET, Key=key)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server with an empty bucket."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.s3_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            server = S3Server(process.stdout.readline().strip())
            server.client().create_bucket(Bucket=BUCKET)
            yield server
        finally:
            process.stdin.close()
            process.wait()


def _serve() -> None:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - the tests import this module too

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    _serve()
