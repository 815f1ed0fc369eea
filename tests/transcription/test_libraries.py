"""What the libraries under Whisper may do: neither tell others nor hang when an encoder starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SILENCE = """
import numpy as np
from vlog.transcription import whisper
assert whisper.get_speech_timestamps(np.zeros(16_000, np.float32), whisper.VadOptions()) == []
"""

# As Whisper works in a thread and uvloop starts encoders with fork().
FORKS = """
import os, threading
import vlog.transcription.windows
import numpy as np
left, right = np.ones((80, 201), np.float32), np.ones((201, 3000), np.float32)

def work():
    for _ in range(200):
        left @ right

thread = threading.Thread(target=work, daemon=True)
thread.start()
forks = 0
while thread.is_alive() and forks < 5000:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    forks += 1
    thread.join(0.001)
thread.join(30)
# A thread that hangs would keep the interpreter from its end.
os._exit(1 if thread.is_alive() else 0)
"""


def _run(program: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run it as nobody has set anything up."""
    kept = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_nothing_is_noted_down_for_others(tmp_path: Path) -> None:
    ended = _run(SILENCE, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert list(tmp_path.rglob("*")) == []


def test_an_encoder_that_starts_while_whisper_listens_does_not_stop_it(tmp_path: Path) -> None:
    ended = _run(FORKS, tmp_path)
    assert ended.returncode == 0, ended.stderr
