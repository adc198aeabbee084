"""The words everybody shares: frozen records, code lists, errors, and their JSON form."""
