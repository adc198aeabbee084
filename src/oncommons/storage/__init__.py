"""Where bytes and rows rest: database, work list, generations of files, migrations.  Knows no medicine."""
