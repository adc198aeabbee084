"""What each criterion of a question costs."""
