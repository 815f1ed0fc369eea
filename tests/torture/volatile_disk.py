"""A disk that forgets what was not flushed, as a real one does when its power is cut.

A process of its own serves one file over the kernel's FUSE protocol. A loop device on that file
becomes a disk, and every flush of that disk arrives here as an fsync. A cut keeps what was flushed
and, of the blocks written since, any subset: a disk with a cache orders nothing by itself.
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import select
import shutil
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

_BLOCK = 4096
_MOST_IN_MEMORY = 256 * 1024
_IN = struct.Struct("<IIQQIIIHH")
_OUT = struct.Struct("<IiQ")
_ATTR = struct.Struct("<6Q10I")
_LARGEST_WRITE = 1024 * 1024
_ROOT, _DISK = 1, 2
_ALWAYS = 86_400
_DIRECT_IO = 1
_BIG_WRITES_AND_MAX_PAGES = (1 << 5) | (1 << 22)
_LOOKUP, _FORGET, _GETATTR, _SETATTR, _OPEN, _READ, _WRITE = 1, 2, 3, 4, 14, 15, 16
_STATFS, _RELEASE, _FSYNC, _FLUSH, _INIT, _OPENDIR, _RELEASEDIR = 17, 18, 20, 25, 26, 27, 29
_ACCESS, _INTERRUPT, _BATCH_FORGET = 34, 36, 42


class _Image:
    """What the disk shows, what is flushed, and what lies between the two."""

    def __init__(self, stable: Path) -> None:
        current = stable.with_suffix(".current")
        shutil.copyfile(stable, current)
        self.stable_path = stable
        self.size = stable.stat().st_size
        self._current = os.open(current, os.O_RDWR)
        self._stable = os.open(stable, os.O_RDWR)
        self._pending: list[tuple[int, bytes]] = []

    def read(self, offset: int, size: int) -> bytes:
        return os.pread(self._current, size, offset)

    def write(self, offset: int, data: bytes) -> None:
        os.pwrite(self._current, data, offset)
        self._pending.append((offset, data))

    def flush(self) -> None:
        for offset, data in self._pending:
            os.pwrite(self._stable, data, offset)
        self._pending.clear()

    def cut(self, seed: int) -> int:
        """Let a random part of what was not flushed arrive; the number of blocks that did not."""
        chance, lost = random.Random(seed), 0
        share = chance.choice((0.0, 0.5, 0.9))
        for offset, data in self._pending:
            for place in range(0, len(data), _BLOCK):
                if chance.random() < share:
                    os.pwrite(self._stable, data[place : place + _BLOCK], offset + place)
                else:
                    lost += 1
        self._pending.clear()
        return lost


class _Server:
    """Answers the kernel, one request after the other."""

    def __init__(self, image: _Image, device: int) -> None:
        self.image = image
        self.device = device
        self.dead = False

    def serve(self) -> None:
        """Until the mount ends. `cut SEED` on standard input cuts the power."""
        while True:
            ready, _, _ = select.select([self.device, sys.stdin.fileno()], [], [])
            if sys.stdin.fileno() in ready:
                words = os.read(sys.stdin.fileno(), 100).split()
                if not words:
                    return
                self.dead = True
                print(self.image.cut(int(words[1])), flush=True)
                continue
            try:
                request = os.read(self.device, _LARGEST_WRITE + 4096)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.EINTR, errno.EAGAIN):
                    continue
                return
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        _, code, unique, node, *_ = _IN.unpack_from(request)
        if code in (_FORGET, _INTERRUPT, _BATCH_FORGET):
            return
        result = self._result(code, node, request[_IN.size :])
        body, failure = (b"", -result) if isinstance(result, int) else (result, 0)
        answer = _OUT.pack(_OUT.size + len(body), failure, unique) + body
        try:
            os.write(self.device, answer)
        except OSError as error:
            # The request was given up in the meantime.
            if error.errno != errno.ENOENT:
                raise

    def _result(self, code: int, node: int, body: bytes) -> bytes | int:
        if code == _INIT:
            limits = (7, 31, 0, _BIG_WRITES_AND_MAX_PAGES, 16, 12, _LARGEST_WRITE, 1, 256, 0)
            return struct.pack("<4I2H2I2H8I", *limits, *(0,) * 8)
        if code == _LOOKUP:
            if body.rstrip(b"\0") != b"disk":
                return errno.ENOENT
            return struct.pack("<4Q2I", _DISK, 0, _ALWAYS, _ALWAYS, 0, 0) + self._attributes(_DISK)
        if code in (_GETATTR, _SETATTR):
            return struct.pack("<Q2I", _ALWAYS, 0, 0) + self._attributes(node)
        if code in (_OPEN, _OPENDIR):
            return struct.pack("<Q2I", 0, _DIRECT_IO if code == _OPEN else 0, 0)
        if code == _STATFS:
            return struct.pack(
                "<5Q10I", 1 << 20, 1 << 20, 1 << 20, 9, 9, 4096, 255, 4096, *(0,) * 7
            )
        if code in (_RELEASE, _RELEASEDIR, _FLUSH, _ACCESS):
            return b""
        return self._transfer(code, body)

    def _transfer(self, code: int, body: bytes) -> bytes | int:
        if code not in (_READ, _WRITE, _FSYNC):
            return errno.ENOSYS
        if self.dead:
            return errno.EIO
        if code == _FSYNC:
            self.image.flush()
            return b""
        _, offset, size = struct.unpack_from("<QQI", body)
        if code == _READ:
            return self.image.read(offset, size)
        self.image.write(offset, body[40 : 40 + size])
        return struct.pack("<2I", size, 0)

    def _attributes(self, node: int) -> bytes:
        if node == _ROOT:
            mode, size = stat.S_IFDIR | 0o755, 0
        else:
            mode, size = stat.S_IFREG | 0o600, self.image.size
        return _ATTR.pack(
            *(node, size, size // 512, 0, 0, 0), *(0, 0, 0, mode, 1, 0, 0, 0, _BLOCK, 0)
        )


def _serve(stable: Path, mount_point: Path) -> None:
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,max_read={_LARGEST_WRITE}"
    libc = ctypes.CDLL(None, use_errno=True)
    mounted = libc.mount(b"vlog", os.fsencode(mount_point), b"fuse", 0, options.encode())
    if mounted != 0:
        raise OSError(ctypes.get_errno(), "fuse cannot be mounted")
    print("serving", flush=True)
    _Server(_Image(stable), device).serve()


class VolatileDisk:
    """An ext4 file system whose power can be cut."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.root = folder / "mounted"
        self._fuse = folder / "fuse"
        self._image = folder / "stable"
        self._loop = ""
        self._server: subprocess.Popen[str] | None = None
        for place in (self.root, self._fuse):
            place.mkdir(parents=True)
        with self._image.open("wb") as file:
            file.truncate(megabytes * 1024 * 1024)
        _run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(self._image))

    def power_on(self) -> None:
        """Show what survived; the file system replays its journal."""
        command = [sys.executable, "-m", __name__, str(self._image), str(self._fuse)]
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == "serving\n"
        self._loop = _run("losetup", "--find", "--show", str(self._fuse / "disk")).strip()
        _run("mount", "-t", "ext4", self._loop, str(self.root))
        self._hurry()

    def _hurry(self) -> None:
        """Have the kernel write soon what nobody flushed, so that a cut finds it on its way.

        Otherwise it keeps that in memory for half a minute, and the disk's cache is always empty.
        """
        device = Path("/sys/class/block") / Path(self._loop).name / "bdi"
        (device / "strict_limit").write_text("1")
        (device / "max_bytes").write_text(str(_MOST_IN_MEMORY))

    def cut_power(self, seed: int) -> int:
        """From here on nothing reaches the disk; the number of blocks that were lost."""
        assert self._server is not None
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"cut {seed}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def take_away(self) -> None:
        """Unmount what is left; whoever had files open must have ended."""
        _until_done("umount", str(self.root))
        _until_done("losetup", "--detach", self._loop)
        _until_done("umount", str(self._fuse))
        if self._server is not None:
            assert self._server.stdin is not None
            self._server.stdin.close()
            self._server.wait(20)
            self._server = None


def _until_done(*command: str) -> None:
    """Processes that were killed a moment ago may hold files still."""
    deadline = time.monotonic() + 20
    while (done := subprocess.run(command, capture_output=True, text=True, check=False)).returncode:
        assert time.monotonic() < deadline, f"{' '.join(command)}: {done.stderr}"
        time.sleep(0.05)


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
