"""The two apps: what browsers, players and programs see."""
