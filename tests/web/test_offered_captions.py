"""What an open page asks for while captions may come."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.sites import both_apps
from vlog.captions.cue import Cue
from vlog.catalog import transcripts
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage


async def test_a_page_learns_of_captions_and_takes_only_new_lines(
    database: Database, storage: LocalStorage
) -> None:
    async with both_apps(database, storage) as site:
        video = await site.add("film")
        await site.add("secret", visibility="private")
        path = "/api/videos/film"
        nothing = (await site.public.get(f"{path}/captions")).json()
        assert (nothing["captions"], nothing["transcription"]["status"]) == ([], "none")

        async def write(session: AsyncSession) -> None:
            cues = [Cue(float(start), start + 1.5, f"Line {start}.") for start in (0, 2, 4)]
            track = await transcripts.replace(session, video.id, "en", cues, origin="automatic")
            await transcripts.have_files(session, [track.id])
            await transcripts.replace(session, video.id, "de", cues[:1], origin="uploaded")

        await database.write(write)
        # German has no files yet, which players would ask for.
        assert (await site.public.get(f"{path}/captions")).json()["captions"] == [
            {
                "language": "en",
                "label": "English (automatic)",
                "vtt_url": "/videos/film/captions-en.vtt",
                "version": 1,
                "growing": False,
            }
        ]
        for after, texts in ((-1, [0, 2, 4]), (0, [2, 4]), (2, [4]), (4.0, [])):
            params = {"language": "en", "after": after}
            answer = (await site.public.get(f"{path}/transcript", params=params)).json()
            assert [cue["start"] for cue in answer["cues"]] == texts
            assert ("Line 0." in answer["text"]) is (0 in texts)
        refused = await site.public.get(f"{path}/transcript", params={"after": "soon"})
        assert refused.status_code == 422
        assert (await site.public.get("/api/videos/secret/captions")).status_code == 404
