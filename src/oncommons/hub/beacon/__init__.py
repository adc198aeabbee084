"""The federation as a GA4GH Beacon."""
