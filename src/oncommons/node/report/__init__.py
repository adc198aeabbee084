"""What the node publishes about its datasets."""
