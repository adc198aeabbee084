"""What may leave: the node's policy applied to an answer."""
