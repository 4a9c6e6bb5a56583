"""The user's files: paths, strict JSON and YAML, and problems with the line they stand on."""
