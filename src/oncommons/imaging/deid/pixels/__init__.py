"""Text that is burned into pixels: who must be looked at, what is found, what is made black (PS3.15 section E.3.1).

``risk``, ``face``, ``found`` and ``loader`` are light and may be imported by anybody; the other modules need numpy and
are loaded by ``loader`` when the first image must be looked at.
"""
