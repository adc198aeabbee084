"""What ``dciodvfy`` of Debian's dicom3tools finds wrong with a file, as an outside process."""

import re
import shutil
import subprocess
from collections import Counter

PROGRAM = shutil.which("dciodvfy")
_VALUES = re.compile(r"<[^>]*>|\[[^\]]*\]|'[^']*'")


def errors(path):
    """Its errors, how often each; values and places are left out, since these differ in what was de-identified."""
    done = subprocess.run([PROGRAM, "-new", path], capture_output=True, check=False)
    lines = done.stderr.decode("latin-1").splitlines()
    return Counter(_VALUES.sub("<>", line).strip() for line in lines if line.startswith("Error"))


def new_errors(before, after):
    """Errors that a file has after de-identification and did not have before."""
    return errors(after) - errors(before)
