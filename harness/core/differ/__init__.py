"""The differ: schema and rules compiled into a plan that walks both values and gives verdicts."""
