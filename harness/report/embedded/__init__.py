"""What a report page carries inside: data blocks, documents, replies, passages."""
