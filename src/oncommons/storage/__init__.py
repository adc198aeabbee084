"""Where bytes and rows rest: database, work list, generations of files, audit log, migrations.  Knows no medicine."""
