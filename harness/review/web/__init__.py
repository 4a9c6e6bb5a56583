"""The review application: a local web server on which people make and check ground truth."""
