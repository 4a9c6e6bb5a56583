"""DOCX and XLSX: ZIP archives of XML parts, their text and tables."""
