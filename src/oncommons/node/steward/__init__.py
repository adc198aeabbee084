"""What the data manager of a node sees and decides: what came in, what waits, what is done to a header."""
