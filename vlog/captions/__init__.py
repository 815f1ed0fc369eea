"""Captions as text: cues, and the formats in which they are written and read."""
