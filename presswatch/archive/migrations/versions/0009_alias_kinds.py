"""Why an article stands under each of its URLs, what it is known by under a new one, canonicals."""

import sqlalchemy as sa
from alembic import op

from presswatch.archive import identity

revision = "0009"
down_revision = "0008"

# Who changes its address does so in the first days: earlier articles get no keys. In microseconds.
_RECENT = 30 * 24 * 3600 * 1_000_000


def upgrade() -> None:
    op.add_column("alias", sa.Column("kind", sa.String(), nullable=False, server_default="copy"))
    op.add_column("alias", sa.Column("since", sa.BigInteger(), nullable=True))
    op.create_index("article_content", "article", ["source", "content_hash"], unique=False)
    op.create_table(
        "article_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", "article"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "canonical_claim",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.id"]),
        sa.PrimaryKeyConstraint("source", "url"),
    )
    op.create_index("canonical_claim_articles", "canonical_claim", ["articles"], unique=False)
    # Until now the words came from the URL that was first asked for, wherever it led.
    op.execute(
        "INSERT INTO alias (url, article) SELECT final_url, article FROM revision WHERE revision = 1 "
        "ON CONFLICT DO NOTHING"
    )
    op.execute(
        "UPDATE alias SET kind = 'own' WHERE EXISTS (SELECT 1 FROM revision WHERE revision = 1 "
        "AND revision.article = alias.article AND revision.final_url = alias.url)"
    )
    op.execute(
        "UPDATE alias SET kind = 'canonical' WHERE kind = 'copy' AND EXISTS "
        "(SELECT 1 FROM article WHERE article.id = alias.article AND article.url = alias.url) "
        "AND NOT EXISTS (SELECT 1 FROM url WHERE url.scope = '' AND url.url = alias.url AND visits > 0)"
    )
    op.execute(
        "UPDATE alias SET kind = 'redirect', "
        "since = (SELECT first_seen FROM article WHERE id = alias.article) WHERE kind = 'copy' "
        "AND EXISTS (SELECT 1 FROM revision WHERE revision = 1 "
        "AND revision.article = alias.article AND revision.url = alias.url AND revision.url <> final_url)"
    )
    _add_keys()


def _add_keys() -> None:
    connection = op.get_bind()
    recent = connection.execute(
        sa.text(
            "SELECT id, source, url, json_extract(record, '$.title') AS title FROM article "
            "WHERE json_valid(record) AND first_seen > (SELECT max(first_seen) - :recent FROM article)"
        ),
        {"recent": _RECENT},
    )
    add = sa.text("INSERT INTO article_key (key, article) VALUES (:key, :article) ON CONFLICT DO NOTHING")
    while rows := recent.fetchmany(1_000):
        keys = [
            {"key": key, "article": row.id}
            for row in rows
            for key in identity.keys(row.source, row.url, row.title or "")
        ]
        if keys:
            connection.execute(add, keys)
