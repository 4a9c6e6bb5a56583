"""Commands that keep stored runs in order: report, rescore, batch, cache."""
