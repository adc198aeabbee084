"""The meeting place: link to the nodes, catalogue and federated search.  Never a pixel or a patient's record."""
