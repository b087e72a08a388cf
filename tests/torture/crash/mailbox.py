"""The mails of a crash trial: what the relay was given, and what the database recorded of it."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from dailypapers.digest.database import NAME
from tests.digest.sink import Received

DATABASE = f"state/{NAME}"
SECRET = "state/mail.secret"
Mails = Mapping[tuple[str, str], frozenset[bytes]]
"""The different contents of each issue, by its recipient and date."""
_JOIN = "JOIN subscription ON subscription = subscription.number"
RECORDS = (
    "SELECT address, state, last_cut, refusals FROM subscription",
    f"SELECT address, kind, mail.cut, mail.state FROM mail {_JOIN}",
    f"SELECT address, key, cut FROM sent_key {_JOIN}",
)
"""What a disturbance must not change; numbers of tries, ids made of the secret and cursors of the catalog differ."""


def mails_of(received: Iterable[Received]) -> Mails:
    """What the relay was given, by issue."""
    issues: dict[tuple[str, str], set[bytes]] = {}
    for each in received:
        issues.setdefault((each.recipients[0], str(each.message["Date"])), set()).add(each.content)
    return {issue: frozenset(contents) for issue, contents in issues.items()}


def records_of(disk: Path) -> dict[str, bytes]:
    """What the database of a disk records, as a file by its name; nothing where there is none, or an empty one."""
    if not (disk / DATABASE).is_file() or not (disk / DATABASE).stat().st_size:
        return {}
    with closing(sqlite3.connect(f"file:{disk / DATABASE}?mode=ro", uri=True)) as connection:
        rows = [sorted(map(repr, connection.execute(select))) for select in RECORDS]
    left_over = sorted(path.name for path in (disk / SECRET).parent.glob("mail.secret.*"))
    return {DATABASE: f"{rows} {left_over}".encode()}


def recorded_as_sent(disk: Path) -> list[str]:
    """The addresses whose mail the database of a disk records as sent."""
    with closing(sqlite3.connect(disk / DATABASE)) as connection:
        select = f"SELECT address FROM mail {_JOIN} WHERE mail.state = 'sent'"
        return [address for (address,) in connection.execute(select)]


def lacks_secret(disk: Path) -> bool:
    """Whether there is a mail, which has a link signed with the secret, and no secret."""
    with closing(sqlite3.connect(disk / DATABASE)) as connection:
        return connection.execute("SELECT count(*) FROM mail").fetchone() != (0,) and not (disk / SECRET).is_file()


def wrong_mails(wanted: Mails, received: Sequence[Received], recorded: Sequence[str]) -> list[str]:
    """What is wrong with what the relay was given: an issue is missing, differs when it comes again, or came again
    although it was recorded as sent."""
    came = mails_of(received)
    missing = {issue for issue in wanted if issue[0] not in recorded} - came.keys()
    return [
        *(f"no mail {issue}" for issue in sorted(missing)),
        *(f"mail {issue} was not due" for issue in sorted(came.keys() - wanted.keys())),
        *(f"mail {issue} came again with another content" for issue, contents in came.items() if len(contents) > 1),
        *(f"mail {issue} came again although it was sent" for issue in sorted(came) if issue[0] in recorded),
    ]
