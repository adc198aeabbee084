"""Projects, for everybody: who uses which data for what."""
