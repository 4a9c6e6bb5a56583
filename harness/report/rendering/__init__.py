"""Rendering: templates, style sheets, scripts and data blocks put into one HTML file."""
