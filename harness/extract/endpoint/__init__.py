"""The endpoint extractor: keys, HTTP connection, messages, answer modes, local server."""
