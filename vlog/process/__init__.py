"""The machinery of the one process: sockets, servers, supervision, signals, systemd."""
