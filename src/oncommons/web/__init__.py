"""Pages for people; a client like any other."""
