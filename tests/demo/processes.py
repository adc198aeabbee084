"""Which processes belong to a demonstration: those whose command line names its directory."""

from pathlib import Path


def naming(text):
    """Process numbers of everybody whose command line contains the text."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if text.encode() in words:
            found.append(int(entry.name))
    return found
