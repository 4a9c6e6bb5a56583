"""Commands that decide: compare, gate, tune, route and ensemble."""
