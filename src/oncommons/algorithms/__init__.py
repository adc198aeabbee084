"""Each analysis as a pair: ``local`` where the data are, ``combine`` where partial results meet."""
