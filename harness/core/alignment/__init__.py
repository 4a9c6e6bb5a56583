"""List alignment: which expected item is paired with which predicted item."""
