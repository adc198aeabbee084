"""What a data manager does about people who opted out: sees who is listed, lists more, lets some back in."""

from __future__ import annotations

from typing import Any

from oncommons.node.home import Home
from oncommons.node.optouts import come_back, opt_out, opted_out, pseudonyms_of
from oncommons.schema.errors import BadRequest
from oncommons.storage.decisions import Person

MOST_SHOWN = 200
"""People who are told; those who were listed last."""
_WAYS = {"out": opt_out, "back": come_back}


def optouts_json(home: Home) -> dict[str, Any]:
    """Who has opted out, the newest first, and how many there are.

    Args:
        home: The node.

    Raises:
        OptOutsLost: the list is gone or damaged.
    """
    found = opted_out(home)
    newest = sorted(found.items(), key=lambda one: (one[1], one[0]), reverse=True)[:MOST_SHOWN]
    return {"listed": len(found), "newest": [{"pseudonym": name, "since": since} for name, since in newest]}


def change_optouts(home: Home, told: dict[str, Any], by: Person) -> dict[str, int]:
    """List people, or take them off the list; tells what became of them.

    Args:
        home: The node.
        told: ``way``: out or back; ``numbers`` and ``pseudonyms``, lists of texts.
        by: Who does it.

    Raises:
        BadRequest: it names no way, or nobody.
        NotANumber: one of them cannot be a number or a pseudonym; nothing was changed.
        OptOutsLost: the list is gone or damaged.
    """
    change, way = _WAYS.get(str(told.get("way"))), ("numbers", "pseudonyms")
    named = [told.get(name, []) for name in way]
    if change is None or not all(isinstance(one, list) and all(isinstance(x, str) for x in one) for one in named):
        raise BadRequest("way is out or back; numbers and pseudonyms are lists of texts.", at="way")
    people = pseudonyms_of(home, *named)
    if not people:
        raise BadRequest("Nobody was named.", at="numbers")
    done: dict[str, int] = change(home, people, by).to_json()
    return done
