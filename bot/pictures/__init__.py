"""Pictures: one drawing of shapes for each, and what writes it as PNG, as SVG, in characters."""
