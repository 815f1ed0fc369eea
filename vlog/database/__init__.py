"""The database: its tables, its one engine, its migrations."""
