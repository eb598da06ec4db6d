"""What `presswatch status` tells, for people and for programs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from presswatch import status
from presswatch.cli import backfills
from presswatch.cli.context import Place
from presswatch.cli.output import ago, clock, console
from presswatch.cli.visible_console import wrapped
from presswatch.config.models import EXAMPLE
from presswatch.errors import ConfigError
from presswatch.sources.judging import HEALED
from presswatch.visible import visible_line
from scheduler.plan import PATIENCE

if TYPE_CHECKING:
    from presswatch.troubles import About, Trouble

# Of one kind of trouble so many are shown one by one; all are counted.
_SHOWN = 5
# Of a name so many cells.
_NAME = 30
_STYLES = {"trouble": "bold red", "crawling": "bold green", "well": "green", "waits": "yellow"}
# What is due for less than this is about to begin.
_AT_ONCE = timedelta(minutes=1)
_GAP = "  "
# What goes on in the next line of a terminal is indented by so many cells more.
_HANG = 2


def gather(place: Place, now: datetime) -> dict[str, Any]:
    """What `presswatch.status` tells. Raises UnavailableError when the archive cannot be opened."""
    config, fault = None, ""
    try:
        config = place.load()
    except ConfigError as error:
        fault = str(error)
    with place.archive() as archive:
        return status.gather(archive, config, fault, place.data, now)


def needs_person(found: dict[str, Any]) -> bool:
    """Whether something of it does not pass by itself."""
    return any(one.needs_person for one in found["troubles"])


def plainly(found: dict[str, Any]) -> dict[str, Any]:
    """The same for programs: `troubles` are those that need a person, `passing` those that do not."""
    told: dict[str, list[dict[str, Any]]] = {"troubles": [], "passing": []}
    for one in found["troubles"]:
        told["troubles" if one.needs_person else "passing"].append(_plain_trouble(one))
    return found | told


def _plain_trouble(one: "Trouble") -> dict[str, Any]:
    about = [{"name": about.name, "reason": about.reason, "at": about.at} for about in one.about]
    said = {"kind": one.kind.value, "said": str(one.said), "do": str(one.do), "since": one.since}
    return said | {"stands_still": one.stands_still, "about": about}


def show(found: dict[str, Any], now: datetime) -> None:
    """The same for people: what needs one first, then what passes by itself, then all else."""
    out = console()
    _show_troubles(out, found, now)
    _show_daemon(out, found, now)
    _show_alarms(out, found)
    show_sources(found, now)
    _show_lateness(out, found, now)
    _show_watches(out, found, now)
    _show_index(out, found)
    _show_mail(out, found)


def show_sources(found: dict[str, Any], now: datetime) -> None:
    """The sources, and beneath them what is to be said of each."""
    out = console()
    if not found["sources"]:
        out.print("\nno source yet; `presswatch sources add URL` makes one", style="yellow")
        return
    rows = []
    for one in found["sources"]:
        style = _STYLES.get(one["state"], "dim")
        counts = [str(one[key] or "") for key in ("articles", "today", "due")]
        late = _seconds(one["late"].worst) if one["late"] else ""
        times = ago(one["last_run"], now), ago(one["next_due"], now)
        name = [(_short(one["name"]), "")] if _is_wide(out) else []
        rows.append(
            (one["id"], [(_state_said(one), style), *((it, "") for it in (*counts, late, *times)), *name])
        )
    out.print()
    heads = ("source", "", "articles", "24 h", "to fetch", "late", "last run", "next run")
    _show_rows(out, (*heads, "name") if _is_wide(out) else heads, rows, right={2, 3, 4, 5})
    _lines(
        out,
        (
            Text.assemble("  ", (one["id"], "bold"), ": ", remark)
            for one in found["sources"]
            for remark in _remarks(one, found["time_zone"])
        ),
    )


def _state_said(one: dict[str, Any]) -> str:
    return "example" if one["state"] == "off" and one["id"] == EXAMPLE else str(one["state"])


def _is_wide(out: Console) -> bool:
    """Whether there is room for names beside ids."""
    return out.soft_wrap or out.width >= 120


def _short(name: str) -> str:
    return name if cell_len(name) <= _NAME else f"{set_cell_size(name, _NAME - 1).rstrip()}…"


def _show_rows(
    out: Console,
    heads: Sequence[str],
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]],
    right: Iterable[int],
) -> None:
    """Rows of an id and of cells with their styles, in columns. No id is broken: one that is too long for the
    terminal has a line of its own."""
    widths = [
        max(cell_len(head), *(cell_len(row[1][place][0]) for row in rows))
        for place, head in enumerate(heads[1:])
    ]
    taken = sum(widths) + len(_GAP) * len(widths)
    longest = max(cell_len(heads[0]), *(cell_len(id_) for id_, _cells in rows))
    room = longest if out.soft_wrap else max(cell_len(heads[0]), min(longest, out.width - taken))
    numbers = set(right)

    def cells(values: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for place, ((value, style), width) in enumerate(zip(values, widths, strict=True)):
            blanks = " " * (width - cell_len(value))
            yield _GAP, ""
            # Nothing follows the last one.
            last = place == len(widths) - 1
            yield (blanks + value if place + 1 in numbers else value if last else value + blanks), style

    _line(
        out,
        Text.assemble(
            (set_cell_size(heads[0], room), ""), *cells([(head, "") for head in heads[1:]]), style="bold"
        ),
    )
    lines = []
    for id_, values in rows:
        is_too_long = cell_len(id_) > room
        if is_too_long:
            lines.append(Text(id_))
        lines.append(Text.assemble(set_cell_size("" if is_too_long else id_, room), *cells(values)))
    _lines(out, lines)


def _line(out: Console, words: Text) -> None:
    """A line that a terminal shows in several, broken at blanks: what is copied from there is whole."""
    _lines(out, [words])


def _lines(out: Console, lines: Iterable[Text]) -> None:
    made = list(lines)
    for line in made:
        line.plain = visible_line(line.plain)
        line.rstrip()
    if not out.soft_wrap:
        made = [wrapped(line, out.width, _HANG) for line in made]
    # At once, as each time takes the console as long as many lines do.
    if made:
        out.print(Text("\n").join(made), soft_wrap=True)


def _show_troubles(out: Console, found: dict[str, Any], now: datetime) -> None:
    needing = [one for one in found["troubles"] if one.needs_person]
    passing = [one for one in found["troubles"] if not one.needs_person]
    if not needing:
        _line(out, Text("nothing needs you", style="green"))
    for one in needing:
        _show_trouble(out, one, found["time_zone"], now, ("●", "bold red"), "red")
    for one in passing:
        _show_trouble(out, one, found["time_zone"], now, ("○", "yellow"), "")
    _show_never_read(out, found, now)


def _show_never_read(out: Console, found: dict[str, Any], now: datetime) -> None:
    """The sources that nothing is known of yet: their silence says nothing before a certain time."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for one in found["sources"]:
        if said := first_said(one, found["time_zone"], now, is_running=found["daemon"] is not None):
            alike[said].append(one["id"])
    for said, ids in alike.items():
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        _line(out, Text.assemble(("○", "yellow"), f" {', '.join(ids[:_SHOWN])}{more}: {said}"))


def _show_trouble(
    out: Console, one: "Trouble", zone: str, now: datetime, mark: tuple[str, str], style: str
) -> None:
    since = f" since {clock(one.since, zone)} ({ago(one.since, now)})" if one.since else ""
    _line(out, Text.assemble(mark, " ", (str(one.said), "bold" if style else ""), since))
    for about in one.about[:_SHOWN]:
        _line(out, Text.assemble("    ", *_about(about, one, zone, style)))
    if len(one.about) > _SHOWN:
        _line(out, Text(f"    and {len(one.about) - _SHOWN} more: presswatch status --json"))
    _line(out, Text.assemble("  → ", str(one.do)))


def _about(about: "About", trouble: "Trouble", zone: str, style: str) -> Iterator[tuple[str, str]]:
    from presswatch.troubles import Kind

    if trouble.kind is Kind.HOSTS_REST:
        yield f"{about.name} rests until {clock(about.at, zone)}: it {about.reason}", ""
        return
    yield about.name, "" if about.reason else style
    is_pause = trouble.kind in (Kind.MAILS_PAUSED, Kind.CHANNEL_PAUSED)
    if about.at and about.at != trouble.since:
        yield f" {'until' if is_pause else 'since'} {clock(about.at, zone)}", ""
    if about.reason:
        yield ": ", ""
        yield about.reason, style


def _show_daemon(out: Console, found: dict[str, Any], now: datetime) -> None:
    daemon = found["daemon"]
    if daemon:
        since = ago(datetime.fromisoformat(daemon["since"]), now).removesuffix(" ago")
        _line(
            out,
            Text.assemble(
                ("●", "green"), f" the daemon runs: process {daemon['pid']} on {daemon['host']}, for {since}"
            ),
        )


def _show_alarms(out: Console, found: dict[str, Any]) -> None:
    for one in found["alarms"]:
        since, told = clock(one["since"], found["time_zone"]), "told" if one["told"] else "not told yet"
        about = f" {one['subject']}" if one["subject"] else ""
        said = f" alarm since {since}, {told}: {one['kind']}{about}: {one['reason']}"
        _line(out, Text.assemble(("●", "red"), said))


def first_said(one: dict[str, Any], zone: str, now: datetime, *, is_running: bool) -> str:
    """When a source that was never read will be, and when it is a trouble if it is not; "" for others.

    `one` is what `presswatch.status.sources` tells, `is_running` whether a daemon runs.
    """
    first = one["first_read"]
    if not first:
        return ""
    if one["state"] == "crawling":
        return "not read yet: its first run goes on"
    if not is_running:
        return "not read yet: presswatch run reads it, or presswatch crawl once"
    trouble = f"; if not read by {clock(first['trouble_from'], zone)}, that is a trouble"
    trouble = trouble if first["trouble_from"] and first["trouble_from"] > now else ""
    if first["due"] is None:
        return "not read yet: the daemon plans it within seconds"
    if first["due"] <= now:
        return f"not read yet: due since {clock(first['due'], zone)}, it waits for its turn{trouble}"
    why = f"paused until {clock(first['due'], zone)}" if one["paused_until"] else ""
    why = why or f"its {'next' if one['last_run'] else 'first'} run is due at {clock(first['due'], zone)}"
    return f"not read yet: {why}{trouble}"


def pause_said(one: dict[str, Any], zone: str) -> str:
    """That nothing of a paused source is due; "" for others."""
    if not one["paused_until"]:
        return ""
    return f"paused until {clock(one['paused_until'], zone)}: nothing of it is due before, and so not late"


def _remarks(one: dict[str, Any], zone: str) -> Iterator[tuple[str, str]]:
    """What is to be said of a source, each with its style."""
    if paused := pause_said(one, zone):
        yield paused, ""
    if one["trouble"]:
        times = (
            f" ({one['failures']} times on end; it rests longer now)" if one["failures"] >= PATIENCE else ""
        )
        yield one["trouble"] + times, "red"
    for fault in one["health"]["faults"]:
        yield f"since {fault['since']:%Y-%m-%d %H:%M} UTC {fault['said']}", "red"
        if fault["sign"] in HEALED:
            yield f"presswatch sources heal {one['id']} looks for where its articles are listed now", ""
    if one["backfill"]:
        yield backfills.said(one["backfill"]), ""
    if one["rejected"]:
        yield f"no article: {', '.join(f'{count} {kind}' for kind, count in one['rejected'].items())}", ""
    for reason, count in list(one["unread"].items())[:_SHOWN]:
        yield f"{count} page{'' if count == 1 else 's'} not read: {reason}", ""
    for url, count in list(one["canonicals"].items())[:_SHOWN]:
        yield f"{count} different articles name {url} as their canonical URL: it is not believed", ""


def _show_lateness(out: Console, found: dict[str, Any], now: datetime) -> None:
    """How late runs began, what has waited for longer than a moment, and when nothing could be read."""
    if still := found["standstill"]:
        since, until = (datetime.fromisoformat(still[name]) for name in ("since", "until"))
        lasted = _seconds(round((until - since).total_seconds()))
        began, ended = (clock(one, found["time_zone"]) for one in (since, until))
        due = f"{still['due']} source{' was' if still['due'] == 1 else 's were'} due meanwhile"
        said = (
            f"no daemon ran from {began} to {ended} ({lasted}): {due}; each is read once for all of "
            "that, and what its pages no longer list was missed"
        )
        _line(out, Text(said, style="yellow"))
    late = found["lateness"]
    if late:
        told = f"{late['runs']} runs of the last 24 h began {_seconds(late['median'])} after their time"
        worst = f"; at worst {_seconds(late['worst'])}: {late['latest']}" if late["worst"] else ""
        _line(out, Text(f"{told} (median){worst}"))
    overdue = [
        (one["id"], now - one["overdue_since"])
        for one in found["sources"]
        if one["overdue_since"] and now - one["overdue_since"] >= _AT_ONCE
    ]
    overdue.sort(key=lambda one: -one[1])
    if overdue:
        shown = ", ".join(f"{id_} for {_seconds(round(by.total_seconds()))}" for id_, by in overdue[:_SHOWN])
        more = f" and {len(overdue) - _SHOWN} more" if len(overdue) > _SHOWN else ""
        _line(out, Text.assemble(("overdue now: ", "yellow"), shown + more))


def _seconds(seconds: int) -> str:
    """A length of time in words, as short as `ago` has it."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _show_watches(out: Console, found: dict[str, Any], now: datetime) -> None:
    if not found["watches"]:
        out.print("no watch yet; `presswatch watches add QUERY --to ADDRESS` makes one", style="yellow")
        return
    rows = []
    for one in found["watches"]:
        paused = one["paused_until"] is not None and now < one["paused_until"]
        when = "paused" if paused else one["deliver"]
        if not one["enabled"]:
            when = "off: an example" if one["id"] == EXAMPLE else "off"
        # A watch without a name of its own has its query for one.
        name = [(_short("" if one["name"] == one["query"] else one["name"]), "")] if _is_wide(out) else []
        rows.append((one["id"], [(when, ""), (str(one["found"]), ""), (str(one["open"] or ""), ""), *name]))
    out.print()
    heads = ("watch", "tells", "found", "to be told")
    _show_rows(out, (*heads, "name") if _is_wide(out) else heads, rows, right={2, 3})
    out.print()


def _show_index(out: Console, found: dict[str, Any]) -> None:
    index = found["index"]
    waiting = f"{index['waiting']} wait to be indexed" if index["waiting"] else "all are indexed"
    bad = f", {index['quarantined']} refused by the index" if index["quarantined"] else ""
    _line(out, Text(f"articles: {found['articles']}, {waiting}{bad}"))


def _show_mail(out: Console, found: dict[str, Any]) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in sorted(found["mail"].items()))
    _line(out, Text(f"mails: {counts or 'none yet'}"))
    # What is wrong with a channel, or is to be mended, stands above.
    told = {about.reason for one in found["troubles"] for about in one.about}
    failures = [one for one in found["mail_failures"] if one["reason"] not in told]
    for one in failures[:_SHOWN]:
        _line(out, Text(f"  {one['watch']} to {one['recipient']}: {one['reason']}", style="red"))
