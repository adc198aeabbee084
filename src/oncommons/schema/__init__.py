"""The words everybody shares: frozen records, code lists, errors, and their JSON form."""

# so that the tree of errors is whole wherever it is read
from oncommons.schema import errors_of_analyses as errors_of_analyses
from oncommons.schema import errors_of_applications as errors_of_applications
from oncommons.schema import errors_of_decisions as errors_of_decisions
from oncommons.schema import errors_of_notices as errors_of_notices
from oncommons.schema import errors_of_people as errors_of_people
from oncommons.schema import errors_of_permits as errors_of_permits
from oncommons.schema import errors_of_pixels as errors_of_pixels
from oncommons.schema import errors_of_protocols as errors_of_protocols
from oncommons.schema import errors_of_rows as errors_of_rows
