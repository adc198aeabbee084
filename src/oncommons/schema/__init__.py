"""The words everybody shares: frozen records, code lists, errors, and their JSON form."""

from oncommons.schema import errors_of_rows as errors_of_rows  # so that the tree of errors is whole wherever it is read
