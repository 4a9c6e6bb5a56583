"""Exports of other tools: annotation tools, evaluation tools, and services that read documents."""
