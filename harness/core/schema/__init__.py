"""JSON Schema: references resolved, branches merged, properties looked up, scalars validated."""
