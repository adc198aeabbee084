"""What people are told: an inbox at the hub, and e-mail."""
