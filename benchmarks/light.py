"""How light a node is: from ``node init`` to its first answer, and its resident memory when idle.

    python benchmarks/light.py

One hub and one node with a twentieth of the IDC index that holds over 50,000 series.  The limit of memory (120 MB)
and of time (60 s) are those of the product; the same run measures an empty Python process with DuckDB imported,
which is the floor for any node built on it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from oncommons.client.connection import connect

SHARE = "16/20"
QUESTION = {"count": "series", "by": ["dataset"]}
IDLE_SECONDS = 30


def run(*words: str) -> dict:
    """Run a command to its end; its JSON."""
    command = [sys.executable, "-m", "oncommons", *words, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def serve(*words: str) -> tuple[subprocess.Popen, dict]:
    """Start a serving command; the process, and what it says when ready."""
    process = subprocess.Popen([sys.executable, "-m", "oncommons", *words, "--json"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def resident(pid: int) -> float:
    """Resident memory in MB (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


def floor() -> float:
    """Resident memory of Python with DuckDB imported and one row asked for, in MB."""
    code = "import duckdb,os; duckdb.connect().execute('SELECT 1'); print(open('/proc/self/statm').read().split()[1])"
    pages = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return int(pages) * 4096 / 1e6


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="oncommons-light-") as folder:
        hub, ready = serve("hub", "serve", "--dir", f"{folder}/hub", "--port", "0")
        node = None
        try:
            started = time.perf_counter()
            run("node", "init", f"{folder}/node", "--policy", "open")
            code = run("hub", "invite", "light", "--dir", f"{folder}/hub")["code"]
            run("node", "join", ready["url"], code, "--dir", f"{folder}/node")
            took = run("node", "import", "idc", "--share", SHARE, "--dir", f"{folder}/node")
            node, _ = serve("node", "serve", "--dir", f"{folder}/node")
            with connect(ready["url"]) as connection:
                while not connection.ask(QUESTION, 5).included:
                    time.sleep(0.1)
                first = time.perf_counter() - started
                for _ in range(20):
                    connection.ask(QUESTION)
            time.sleep(IDLE_SECONDS)
            result = {
                "series": took["series"],
                "init_to_first_answer_s": round(first, 1),
                "idle_node_MB": round(resident(node.pid)),
                "floor_python_duckdb_MB": round(floor()),
                "hub_MB": round(resident(hub.pid)),
            }
        finally:
            for process in filter(None, (node, hub)):
                process.terminate()
                process.wait()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
