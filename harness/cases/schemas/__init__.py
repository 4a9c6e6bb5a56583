"""A suite's JSON Schemas and rule files: validation, known fields, checks of truths, inference."""
