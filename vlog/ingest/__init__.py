"""How a file comes in: uploads, the watched folder, and looking at what it is."""
