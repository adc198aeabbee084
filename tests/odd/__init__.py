"""Odd files, made by a script: what comes on old media, from broken exports, and from people who mean harm."""
