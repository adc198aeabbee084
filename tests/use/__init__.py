"""What research can still do with an image after it was de-identified."""
