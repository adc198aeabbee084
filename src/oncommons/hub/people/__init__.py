"""People: accounts, organisations and roles, sessions, tokens for programs, and who may ask."""
