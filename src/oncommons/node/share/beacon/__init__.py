"""The node as a GA4GH Beacon, inside its hospital."""
