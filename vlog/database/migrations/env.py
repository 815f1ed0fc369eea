"""Alembic's entry: runs the migrations on the connection that `vlog.database.migration` opened."""

from __future__ import annotations

from alembic import context

from vlog.database.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    # SQLite takes back changes of tables too, but Alembic has to be told: an upgrade that fails
    # half-way must leave nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
