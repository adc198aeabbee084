"""Permits that the hub has issued: signed, kept, handed over by passes, taken back."""
