"""Who may do what: whether a permit lets a question through, and how an application becomes a permit."""
