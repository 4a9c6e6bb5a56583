"""The report page of a run, section by section, and the data it carries."""
