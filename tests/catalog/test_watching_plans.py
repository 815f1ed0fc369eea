"""How SQLite answers what is asked for each segment, each open page and each wrong turn."""

from __future__ import annotations

from tests.catalog.library import add_video
from tests.catalog.query_plans import recorded, steps_of, table_scans
from vlog.catalog import absence, media_keys, transcripts
from vlog.database.engine import Database


async def test_nothing_reads_a_whole_table(database: Database) -> None:
    video = await add_video(database, "Film", "One.", "Two.", embed_domains=[])
    hidden = await add_video(database, "Hidden", visibility="private")
    key = await media_keys.key_for(database, video.id)
    with recorded(database) as statements:
        async with database.read() as session:
            given = await media_keys.access_to(session, video.slug, None, key, ())
            assert given.guarded
            assert given.expires
            found = await absence.why_absent(session, hidden.slug, f"1.9999999999.{'x' * 32}")
            assert found is not None
            assert found.reason == "expired"
            assert await absence.why_absent(session, "never", None) is None
            cues = await transcripts.read_cues(session, video.id, "en", after=0.0)
            assert [cue.text for cue in cues] == ["Two."]
    assert len(statements) >= 5
    assert table_scans(await steps_of(database, statements)) == []
