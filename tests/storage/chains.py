"""Logs for tests, and a second reading of their arithmetic that shares no line with the first."""

import hashlib
import json

from oncommons.storage.chain import Event, Head, next_entry


def a_log(number, kind="released"):
    """Lines of a log that is whole."""
    head, lines = Head(), []
    for i in range(number):
        entry = next_entry(Event(kind, {"job": f"j{i}", "told": [i, i % 3]}, 1_800_000_000 + i), head)
        head = entry.head
        lines.append(entry.to_line())
    return lines


def head_of(lines):
    last = json.loads(lines[-1]) if lines else {"number": 0, "hash": "0" * 64}
    return Head(last["number"], last["hash"])


def oracle(lines):
    """The head of a log; ``None`` where anything is wrong. It recomputes everything, from the bytes."""
    former = bytes(32)
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
            digest, before = found.pop("hash"), found.pop("former")
        except (ValueError, KeyError, AttributeError):
            return None
        text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        own = hashlib.sha256(b"oncommons audit entry 1\x00" + former + text).digest()
        whole = json.dumps({**found, "former": before, "hash": digest}, sort_keys=True, separators=(",", ":"))
        if found.get("number") != number or before != former.hex() or digest != own.hex() or whole != line:
            return None
        former = own
    return Head(len(lines), former.hex())
