"""The synthetic patients of dentdeid: DICOM files made by others, with a key of what must not be found in them."""

import json
from pathlib import Path

LONG_ENOUGH = 4
"""Bytes; what is shorter occurs by chance."""
_PIXELS = b"\xe0\x7f\x10\x00"
_END = slice(-40_000, -36_000)
"""Bytes near the end of a file, which are pixels: they tell which file another was made from."""


def keys_in(folder: Path) -> dict[Path, set[bytes]]:
    """Each file and the strings of its patient that are found in its bytes, in small letters.

    Args:
        folder: What ``dentdeid synth`` wrote.
    """
    found: dict[Path, set[bytes]] = {}
    for path in sorted((folder / "answer_keys").glob("*.json")):
        key = json.loads(path.read_text("utf-8"))
        for name in [key["dicom"]] if "dicom" in key else key.get("files", []):
            small = head(folder / name)
            strings = {word for text in told(key) for word in written(text)}
            found[folder / name] = {word for word in strings if word in small}
    return found


def head(path: Path) -> bytes:
    """What stands before the pixels of a file, in small letters; short names occur among pixels by chance."""
    content = path.read_bytes()
    return content[: content.rfind(_PIXELS)].lower() if _PIXELS in content else content.lower()


def left_in(keys: dict[Path, set[bytes]], out: Path) -> dict[bytes, Path]:
    """Strings that are left in what a tool gave out, each with a file that has it.

    Of a file whose pixels tell which it was made from, that one's strings are looked for; of others, such as a ledger,
    everybody's, but no dates, since a moved date may be another patient's.

    Args:
        keys: As :func:`keys_in` gives them.
        out: Folder of what the tool gave out.
    """
    own = {path.read_bytes()[_END]: strings for path, strings in keys.items()}
    everybody = {one for strings in keys.values() for one in strings if not (one.isdigit() and len(one) == 8)}
    found: dict[bytes, Path] = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        small = str(path.relative_to(out)).lower().encode() + b"\n" + head(path)
        for one in own.get(path.read_bytes()[_END], everybody):
            if one in small:
                found[one] = path
    return found


def told(key: dict) -> set[str]:
    """What a key says of a patient."""
    return {*key["phi_strings"], *map(str, key["identity"].values())} - {"", key["identity"].get("sex", "")}


def written(text: str) -> set[bytes]:
    """A string as it can stand in a file; of a time of day, nothing."""
    forms = {text.lower().encode("utf-8"), text.lower().encode("latin-1", "ignore")}
    return {form for form in forms if len(form) >= LONG_ENOUGH and not (form.isdigit() and len(form) == 6)}
