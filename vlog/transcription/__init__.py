"""Sound to cues: Whisper, and the loop that runs it."""

from __future__ import annotations

import os

# Read when numpy is imported. Its library for matrices ends its threads in every fork, also those
# that somebody waits for: an encoder starts while Whisper listens, and Whisper waits for ever.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
