"""Invented accounts, authors and organisations, each a pure function of a number."""

from functools import lru_cache
from random import Random
from typing import Any

from tests.papersite.vocabulary import COMPANIES, FAMILY, GIVEN

CDN = "https://cdn-avatars.huggingface.co/v1/production/uploads"
ACCOUNTS = 900
CURATORS = 60  # users who put papers on the list; the first of them does most of it
STATUSES = (
    "claimed_verified",
    "admin_assigned",
    "extracted_pending",
    "extracted_confirmed",
    "extracted_infirmed",
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


def object_id(rng: Random) -> str:
    return f"{rng.getrandbits(96):024x}"


def token(rng: Random, length: int = 21) -> str:
    return "".join(rng.choices(_LETTERS, k=length))


def name(rng: Random) -> str:
    given = GIVEN[int(rng.random() * len(GIVEN))]
    return f"{given} {FAMILY[int(rng.random() * len(FAMILY))]}"


@lru_cache(maxsize=ACCOUNTS)
def account(number: int) -> dict[str, Any]:
    """All data of an account; `profile` and `submitter` show parts of it."""
    rng = Random(f"account/{number}")
    full, key = name(rng), object_id(rng)
    handle = full.split()[0] + rng.choice(("", "-", "_")) + token(rng, 3)
    drawn, uploaded = f"/avatars/{rng.getrandbits(128):032x}.svg", f"{CDN}/{key}/{token(rng)}.jpeg"
    return {
        "_id": key,
        "avatarUrl": uploaded if number % 3 == 0 else drawn,
        "isPro": number % 7 == 0,
        "fullname": full + (" " if number % 50 == 9 else ""),  # some profiles have trailing blanks
        "user": handle.encode("ascii", "ignore").decode(),
        "type": "user",
        "isHf": number == 0,
        "followerCount": rng.randrange(1, 900) if number % 4 else None,
    }


@lru_cache(maxsize=ACCOUNTS)
def profile(number: int) -> dict[str, Any]:
    """An account as part of an author and as `submittedOnDailyBy`."""
    known = account(number)
    shown = {key: known[key] for key in ("_id", "avatarUrl", "isPro", "fullname", "user", "type")}
    return shown | {"name": known["user"]}


@lru_cache(maxsize=ACCOUNTS)
def submitter(number: int) -> dict[str, Any]:
    """An account as in `submittedBy`."""
    known = account(number)
    shown = {key: known[key] for key in ("_id", "avatarUrl", "fullname")}
    shown |= {"name": known["user"], "type": "user", "isPro": known["isPro"], "isHf": known["isHf"]}
    shown |= {"isHfAdmin": False, "isMod": False}
    if known["followerCount"] is not None:
        shown["followerCount"] = known["followerCount"]
    return shown | {"isUserFollowing": False}


@lru_cache(maxsize=len(COMPANIES))
def organization(number: int) -> dict[str, Any]:
    rng = Random(f"organization/{number}")
    full = COMPANIES[number]
    handle = "".join(letter for letter in full if letter.isascii() and letter.isalnum())
    shown = {"_id": object_id(rng), "name": handle, "fullname": full}
    return shown if number % 8 == 3 else shown | {"avatar": f"{CDN}/{object_id(rng)}/{token(rng)}.png"}


def authors(rng: Random, number: int, changed: str) -> list[dict[str, Any]]:
    """`number` authors; one in ten has an account, one in two hundred is hidden."""
    base = rng.getrandbits(64) << 32 | rng.getrandbits(24)
    return [_author(rng, f"{base + place:024x}", changed) for place in range(number)]


def _author(rng: Random, key: str, changed: str) -> dict[str, Any]:
    hidden = rng.random() < 1 / 200
    if rng.random() >= 1 / 10:
        return {"_id": key, "name": name(rng), "hidden": hidden}
    user = profile(rng.randrange(ACCOUNTS))
    shown = {"_id": key, "user": user, "name": user["fullname"].strip()}
    return shown | {"status": rng.choice(STATUSES), "statusLastChangedAt": changed, "hidden": hidden}
