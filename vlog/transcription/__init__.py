"""Sound to cues: Whisper, and the loop that runs it."""
