"""Planted identifiers: DICOM files of invented people, with a unique token in every place where a name can hide.

``python -m tests.corpus write FOLDER`` writes the files and ``tokens.json``; ``python -m tests.corpus scan
tokens.json FOLDER`` tells which tokens are found in the bytes and file names of a folder.  The tests scan what the node
kept, benchmarks/identifiers.py what each tool gave out.
"""
