"""Everything at once for hours: uploads, viewers, edits and faults. SOAK_SECONDS says how long."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from pathlib import Path

from tests import speech
from tests.end_to_end.server import Server
from tests.torture.soaking.asking import Asker
from tests.torture.soaking.audience import Audience
from tests.torture.soaking.blows import Blows
from tests.torture.soaking.clock import Clock
from tests.torture.soaking.editing import Editing
from tests.torture.soaking.footage import Footage
from tests.torture.soaking.incoming import Incoming
from tests.torture.soaking.inspection import Inspection
from tests.torture.soaking.ledger import Ledger
from tests.torture.soaking.life import Lives
from tests.torture.soaking.log_reading import LogReading
from tests.torture.soaking.passing_by import PassingBy
from tests.torture.soaking.scene import Scene
from tests.torture.soaking.sending import Sender
from tests.torture.soaking.stopping import stopped_together
from tests.torture.soaking.telling import Telling
from tests.torture.soaking.troubles import Troubles

_SECONDS = 7200.0
# From the last upload to the last rung, and from a start to the end of the sweep.
_LONGEST_END_SECONDS = 400.0
_SWEEP_SECONDS = 20.0


def torture_with_a_soak(folder: Path, seed: int) -> list[str]:
    """Run for as long as the environment says; the table."""
    seconds = float(os.environ.get("SOAK_SECONDS", _SECONDS))
    imports = folder / "imports"
    imports.mkdir()
    footage = Footage(folder / "footage")
    server = Server(
        folder,
        VLOG_TRANSCODING__LADDER='["240p","144p"]',
        VLOG_TRANSCODING__RETRY_BACKOFF_SECONDS="3",
        # Soon full, so that whatever grows after that is no cache.
        VLOG_PUBLIC__CACHE_BYTES="16000000",
        VLOG_TRANSCRIPTION__MODEL=str(speech.MODEL),
        VLOG_TRANSCRIPTION__BEAM_SIZE="1",
        VLOG_INGEST__IMPORT_FOLDERS=json.dumps([str(imports)]),
    )
    with stopped_together():
        try:
            return asyncio.run(_soak(server, footage, imports, seed, seconds))
        finally:
            server.close()


async def _soak(
    server: Server, footage: Footage, imports: Path, seed: int, seconds: float
) -> list[str]:
    whole = asyncio.current_task()
    assert whole is not None
    # The server goes too, however we are ended.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, whole.cancel)
    clock = Clock()
    troubles = Troubles(clock)
    scene = Scene(
        server=server,
        lives=Lives(server, clock, troubles),
        clock=clock,
        troubles=troubles,
        ledger=Ledger(),
        footage=footage,
        public=Asker(f"http://127.0.0.1:{server.public_port}", troubles),
        admin=Asker(f"http://127.0.0.1:{server.admin_port}", troubles),
        imports=imports,
        chance=random.Random(seed),
    )
    sender = Sender(scene.admin, scene.chance)
    audience, reading = Audience(scene), LogReading(scene)
    telling, inspection = Telling(scene, sender, audience, reading), Inspection(scene)
    incoming, editing = Incoming(scene, sender), Editing(scene, sender)
    await scene.lives.begin()
    async with asyncio.TaskGroup() as group:
        parts = (audience, PassingBy(scene), reading, telling, inspection, scene.lives)
        watching = [group.create_task(part.run()) for part in parts]
        watching.append(group.create_task(clock.tick()))
        blows = group.create_task(Blows(scene, sender).run())
        working = [group.create_task(incoming.run()), group.create_task(editing.run())]
        # As the clock on the wall says, also where somebody stops us for a while.
        await asyncio.sleep(seconds)
        incoming.stopped = editing.stopped = True
        # An upload that a kill has just cut off needs the server to be heard.
        await asyncio.wait(working, timeout=_LONGEST_END_SECONDS)
        await _end_task(blows)
        await _come_to_rest(scene)
        print(telling.line(), flush=True)
        for task in watching:
            await _end_task(task)
    await scene.lives.end_and_begin(signal.SIGTERM)
    await asyncio.sleep(_SWEEP_SECONDS)
    reading.read()
    await inspection.at_the_end()
    table = telling.table()
    await scene.public.close()
    await scene.admin.close()
    if troubles.findings:
        print("\n".join([*table, *(f"FOUND {text[:1000]}" for text in troubles.findings)]))
    assert not troubles.findings, f"{len(troubles.findings)} findings; everything is left there"
    return table


async def _come_to_rest(scene: Scene) -> None:
    """Until every video is ready."""
    end = scene.clock.now() + _LONGEST_END_SECONDS
    await scene.clock.sleep(15)
    while scene.unfinished:
        if scene.clock.now() > end:
            scene.troubles.find("stuck", f"{scene.unfinished} videos at the end")
            return
        await scene.clock.sleep(2)


async def _end_task(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
