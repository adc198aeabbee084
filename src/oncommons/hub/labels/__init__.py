"""Labels of licensed classifications, imported by a holder of the licence."""
