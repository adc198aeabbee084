"""CI names aloud what it could not get of others, and fails where those tests are a gate."""

import shutil
import subprocess
from pathlib import Path

import pytest

PEERS = Path(__file__).parents[2] / ".ci" / "peers"
NEEDED = ("bash", "mkdir", "rm", "tar")
TOLD = {
    "OHIF": "test_viewer.py",
    "Samply Lens": "test_stock_lens.py",
    "ai4gh": "test_stock_client.py",
    "oidc-provider": "test_certified_peer.py",
    "Chromium": "tests/web",
}
SET = ("ONCOMMONS_OHIF", "ONCOMMONS_LENS", "ONCOMMONS_BEACON_CLIENT", "ONCOMMONS_OIDC")
AFTER = "printf '%s\\n' went.on {} \"$lacks\"".format(" ".join(f'"${{{name}:-}}"' for name in SET))


@pytest.fixture
def run(tmp_path):
    """Runs the script in a checkout of its own, on a machine that has almost nothing, then tells what it set."""
    tools, checkout = tmp_path / "tools", tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(PEERS, checkout / ".ci" / "peers")
    tools.mkdir()
    for name in NEEDED:
        (tools / name).symlink_to(shutil.which(name))

    def called(programs=(), **environment):
        for name, script in dict(programs).items():
            (tools / name).write_text(f"#!{tools / 'bash'}\n{script}\n", "utf-8")
            (tools / name).chmod(0o755)
        command = ["bash", "-euo", "pipefail", "-c", f". .ci/peers; {AFTER}"]
        return subprocess.run(
            command,
            cwd=checkout,
            env={"PATH": str(tools)} | environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return called


def test_without_npm_each_lack_is_named_with_its_reason_and_its_tests(run):
    done = run()
    assert done.returncode == 0
    assert "went.on" in done.stdout
    for what, tests in TOLD.items():
        assert what in done.stderr
        assert tests in done.stderr
    assert done.stderr.count("npm is not installed") == 3
    assert "schemas of GA4GH Beacon" in done.stderr


@pytest.mark.parametrize("programs", [{}, {"npm": "exit 1", "python3": "exit 1"}, {"npm": "true", "python3": "true"}])
def test_ci_fails_where_it_could_not_get_them(run, programs):
    done = run(programs, CI="true")
    assert done.returncode == 1
    assert "went.on" not in done.stdout
    assert "nothing was run" in done.stderr
    assert all(what in done.stderr for what in TOLD)


def test_one_that_is_lacking_is_enough(run, tmp_path):
    (tmp_path / "index.html").touch()
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "lens.js").touch()
    done = run({"chromium": "true"}, CI="true", ONCOMMONS_OHIF=str(tmp_path), ONCOMMONS_LENS=str(tmp_path))
    assert done.returncode == 1
    assert "ai4gh" in done.stderr
    assert "Lens" not in done.stderr


def test_what_is_there_is_used_and_nothing_is_said(run, tmp_path):
    kept = tmp_path / "checkout" / ".ci"
    provider = "oidc/node_modules/oidc-provider/package.json"
    for file in ("ohif/package/dist/index.html", "lens/package/dist/lens.js", "clients/bin/ai4gh", provider):
        (kept / file).parent.mkdir(parents=True)
        (kept / file).touch()
        (kept / file).chmod(0o755)
    schemas = tmp_path / "beacon_v2"
    schemas.mkdir()
    done = run({"chromium": "true"}, CI="true", ONCOMMONS_PROFILES=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    ends = ("ohif/package/dist", "lens/package", "clients/bin/python", "oidc")
    assert done.stdout.splitlines() == ["went.on", *(f"{kept / end}" for end in ends), ""]
