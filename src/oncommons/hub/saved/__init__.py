"""Questions that were saved: named, cited, watched."""
