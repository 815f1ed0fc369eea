"""What the site knows: a module per noun, async functions over a session."""
