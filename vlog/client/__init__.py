"""What the command line says to a running VLog, over its admin API."""
