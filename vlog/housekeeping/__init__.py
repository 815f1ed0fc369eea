"""What takes room on the disk, and what belongs to nobody there."""
