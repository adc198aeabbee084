"""DICOM's own network protocol (PS3.7, PS3.8), spoken by pynetdicom; the other modules are loaded only when needed.

pynetdicom brings pydicom with it, which takes longer to load than all the rest of a node.  :mod:`.listening` says what
there is to say without them, and loads the modules that stand on them.
"""
