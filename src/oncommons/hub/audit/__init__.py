"""The audit logs: how far each goes, signed, for everybody, and the entries of the hub's, for those who may see them."""
