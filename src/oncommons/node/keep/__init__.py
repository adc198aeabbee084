"""Kept: images by series on disk, what must be looked at in quarantine, and every file in the ledger."""
