"""Stories: real processes, started as a person would, and what a person would see."""
