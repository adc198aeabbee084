"""DICOMweb at the node: searching (QIDO-RS) and retrieving (WADO-RS) what is kept, inside the hospital (PS3.18)."""
