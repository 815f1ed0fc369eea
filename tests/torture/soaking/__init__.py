"""The parts of a soak: everything at once for hours, with faults all along."""
