"""Providers: signing in by OpenID Connect, and passports of GA4GH."""
