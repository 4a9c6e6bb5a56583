"""Editors that propose a new prompt: reflection, coding agent, GEPA, few-shot examples."""
