"""Questions in the languages that other clients speak, and our answers told in them; pure translations."""
