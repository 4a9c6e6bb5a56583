"""One trial of an edit: guards, budget, measurement, acceptance."""
