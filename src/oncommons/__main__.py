"""``python -m oncommons`` is the command ``oncommons``."""

from oncommons.cli import main

main()
