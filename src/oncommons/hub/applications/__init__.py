"""Applications as they are written: answers, documents, authors, comments, and the form."""
