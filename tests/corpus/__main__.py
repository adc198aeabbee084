"""Write the corpus, or scan a folder for its tokens; see the package."""

import json
import sys
from pathlib import Path

from tests.corpus.corpus import write
from tests.corpus.tokens import left_in, load

if sys.argv[1] == "write":
    write(Path(sys.argv[2]))
else:
    left = left_in(Path(sys.argv[3]), load(Path(sys.argv[2])), tuple(sys.argv[4:]))
    sys.stdout.write(json.dumps({token.decode("latin-1"): where for token, where in left.items()}))
