"""A workshop with real videos in it, for what comes after transcoding."""

from tests.transcoding.conftest import make_bench as make_bench
