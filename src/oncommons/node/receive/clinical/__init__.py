"""Ways in for clinical data: tables with a mapping, bundles of FHIR, databases of OMOP."""
