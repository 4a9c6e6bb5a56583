"""Documents and replies inside a report page: long texts, and passages around a value."""
