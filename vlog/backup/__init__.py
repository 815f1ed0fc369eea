"""Backups: a folder with the database as it was at one moment and every file that it knows."""
