"""What is known of a site as a whole."""

from datetime import UTC, datetime, timedelta

from presswatch.archive import Archive, sites
from presswatch.archive.sites import RobotsFile

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_newest_robots_file_is_kept_until_it_is_too_old(archive: Archive) -> None:
    first, second = RobotsFile(404, b"", NOW - DAY), RobotsFile(200, b"User-agent: *", NOW)
    with archive.writing() as tx:
        sites.keep_robots_file(tx, "https://gazette.example", first)
        sites.keep_robots_file(tx, "https://gazette.example", second)
    with archive.reading() as tx:
        assert sites.robots_file(tx, "https://gazette.example", NOW - DAY) == second
        assert sites.robots_file(tx, "https://gazette.example", NOW) is None
        assert sites.robots_file(tx, "http://gazette.example", NOW - DAY) is None
