"""What an analysis has to be before a node makes it: checks that run it on reference tables, and say what is wrong.

::

    from oncommons.algorithms.conformance.checks import faults

    assert faults(MINE) == ()

The checks run both halves with JSON between them.  They read no file and open nothing; that an analysis does not do so
either is watched from outside, see :mod:`oncommons.node.trying`.
"""
