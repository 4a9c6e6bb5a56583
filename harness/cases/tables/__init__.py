"""Tables and lists of records: CSV, Parquet, Excel, JSON and JSONL of any column names."""
