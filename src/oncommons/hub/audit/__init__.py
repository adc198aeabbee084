"""What everybody may see of the audit logs: how far each goes, signed."""
