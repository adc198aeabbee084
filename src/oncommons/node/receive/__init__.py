"""Sources of data: the IDC index and tables of series in Parquet or CSV."""
