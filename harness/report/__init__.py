"""Reports: stored results as HTML, text and exports. Needs no documents and no model."""
