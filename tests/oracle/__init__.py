"""The brute-force oracle: answers questions by plain Python over plain rows, apart from all code under test."""
