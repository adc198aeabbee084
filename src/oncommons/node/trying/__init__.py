"""Trying an analysis that others have written, before this node makes it: its code is read, and it runs under watch.

That finds mistakes, and not malice: what is installed at a hospital runs there, and somebody has to have read it.
"""
