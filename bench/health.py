"""How quiet and how quick the judgement of sources is: `make bench-health`.

COUNT outlets (200) of all sizes and habits are read for 400 days each, from Christmas to Christmas:
weekends, holidays, a summer lull, papers that stop for Christmas, bursts, 304s, outages, a page that says
for once that it is being mended, evenings of videos alone. Every alarm is a false one. Then each outlet is
redesigned in its ninth week, in five ways, and it is counted in how many runs in which links were due it was
noticed. The last line is the result as JSON.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from multiprocessing import Pool
from pathlib import Path
from random import Random
from typing import Any

from presswatch.sources.health import Sight, State, faults, judge
from support.press_years import BEGIN, REDESIGNS, Outlet, Year, outlets, redesigned

DAYS, SETTLED, WATCHED = 400, timedelta(days=60), 160
SEED = 20261128
# What says nothing of pages that have no links to lose.
OF_LISTINGS = {"listing without links", "links by script"}


def lived(given: tuple[Outlet, float]) -> dict[str, Any]:
    """An outlet's year and its redesigns: the signs of false alarms, the runs until each was noticed."""
    outlet, seed = given
    state, settled, alarms, runs, began = State(), State(), [], 0, time.process_time()
    for outcome, _due in Year(outlet, Random(seed)).runs(DAYS):
        before = {(fault.sign, fault.url) for fault in faults(state)}
        state = judge(state, outcome)
        runs += 1
        if new := {(fault.sign, fault.url) for fault in faults(state)} - before:
            # A mail tells of a source: what begins while it is not well is told of already.
            alarms += [str(next(iter(new))[0])] if not before else []
        if outcome.ended < BEGIN + SETTLED:
            settled = state
    spent = time.process_time() - began
    ways = [] if faults(settled) else REDESIGNS
    noticed = {how: until_noticed(outlet, seed, settled, how) for how in ways if applies(outlet, how)}
    return {"alarms": alarms, "runs": runs, "seconds": spent, "noticed": noticed}


def applies(outlet: Outlet, how: str) -> bool:
    return how not in OF_LISTINGS or outlet.starts != ("sitemap",)


def until_noticed(outlet: Outlet, seed: float, state: State, how: str) -> int:
    """In how many runs in which links were due a redesign was noticed."""
    due = 0
    for outcome, links in Year(outlet, Random(seed)).runs(WATCHED):
        if outcome.ended < BEGIN + SETTLED:
            continue
        state = judge(state, redesigned(outcome, how))
        due += links > 0 and outcome.looks[0].sight is Sight.LINKS
        if faults(state):
            break
    return due


def plot(counts: Sequence[tuple[str, Counter[int]]]) -> str:
    """How soon redesigns were noticed, as an SVG image: a bar of shares for each kind."""
    shades = ("#1b5e8c", "#3f8fc4", "#8fc1e3", "#d9a441", "#b3541e")
    labels = ("1 run", "2 runs", "3 runs", "4 runs", "more")
    rows = []
    for place, (how, counted) in enumerate(counts):
        y, x, total = 44 + 34 * place, 190.0, counted.total()
        rows.append(f'<text x="180" y="{y + 15}" text-anchor="end">{how}</text>')
        for group in range(5):
            share = sum(n for due, n in counted.items() if min(max(due, 1), 5) == group + 1) / total
            rows.append(
                f'<rect x="{x:.1f}" y="{y}" width="{460 * share:.1f}" height="22" fill="{shades[group]}"/>'
            )
            x += 460 * share
    for group, label in enumerate(labels):
        rows.append(f'<rect x="{190 + 90 * group}" y="14" width="12" height="12" fill="{shades[group]}"/>')
        rows.append(f'<text x="{208 + 90 * group}" y="25">{label}</text>')
    height = 60 + 34 * len(counts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {height}" role="img" '
        'aria-label="Runs in which links were due until a redesign was noticed" '
        f'font-family="sans-serif" font-size="14"><rect width="680" height="{height}" fill="#fff"/>'
        f"{''.join(rows)}</svg>\n"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else 200
    random = Random(SEED)
    given = [(outlet, random.random()) for outlet in outlets(random, count)]
    with Pool(2) as pool:
        lives = list(pool.imap(lived, given, chunksize=4))
    years = count * DAYS / 365
    alarms = Counter(sign for life in lives for sign in life["alarms"])
    noticed = {
        how: Counter(life["noticed"][how] for life in lives if how in life["noticed"]) for how in REDESIGNS
    }
    for how, counted in noticed.items():
        print(f"{how}: " + ", ".join(f"{n} in {due}" for due, n in sorted(counted.items())))
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(plot(list(noticed.items())))
    runs = sum(life["runs"] for life in lives)
    told = {
        "outlets": count,
        "years": round(years, 1),
        "runs": runs,
        "false_alarms": dict(alarms),
        "false_alarms_a_source_and_year": round(alarms.total() / years, 4),
        "within_two_runs": {
            how: round(sum(n for due, n in c.items() if due <= 2) / c.total(), 3)
            for how, c in noticed.items()
        },
        "microseconds_a_run": round(1e6 * sum(life["seconds"] for life in lives) / runs, 1),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
