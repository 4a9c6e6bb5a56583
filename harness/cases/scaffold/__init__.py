"""New suites: out of folders of documents, truths in any form, and answers at hand."""
