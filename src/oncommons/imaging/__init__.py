"""DICOM and pixels as pure functions: headers, de-identification, volumes, masks, geometry."""
