"""What is well and what is not on this machine, in sentences, each with a cure."""
