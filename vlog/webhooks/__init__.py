"""Telling other programs what happens to videos."""
