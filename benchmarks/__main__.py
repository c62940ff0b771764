"""``make bench``: both databases in one run, ratios against the bars, seconds beside them.

    python -m benchmarks [--entries 1000000] [--small 100000] [--tiny 10000]
        [--only sqlite|postgresql] [--part recheck|races]

Part ``recheck`` measures re-checks over entries, part ``races`` boards over sellers and items and
the data screen. PostgreSQL: BENCH_DATABASE_URL names a server's database to drop and make again; by
default ``paddock_bench`` on this machine.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

POSTGRESQL = os.environ.get("BENCH_DATABASE_URL", "postgres://root@127.0.0.1:5432/paddock_bench")
BARS = [
    ("evaluation ÷ frozen SQL", "at most", 1.5),
    ("whole sweep ÷ handwritten SQL", "at most", 2),
    ("row engine ÷ evaluation", "at least", 30),
    ("evaluation, growth from a tenth", "at most", 11),
    ("sweep, growth from a tenth", "at most", 11),
    ("filing of 600, p95, during a sweep ÷ without", "at most", 2),
    ("nights of two campaigns together ÷ each alone", "at most", 1.2),
]
RACE_BARS = [
    ("board of sellers ÷ frozen SQL", "at most", 1.5),
    ("board of items by industry ÷ frozen SQL", "at most", 1.5),
    ("board of sellers, growth from a tenth", "at most", 11),
    ("board of items, growth from a tenth", "at most", 11),
    ("screen, queries ÷ those at a hundredth", "at most", 1),
    ("screen, time ÷ that at a hundredth", "at most", 2),
    ("filing of 600, p95, while boards are made ÷ without", "at most", 2),
]


def environment(url):
    """The environment of a process that measures this database."""
    return {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
    }  # fmt: skip


def measure(vendor, module, entries, *options):
    """The figures that a module measures in a fresh database."""
    print(f"{vendor}, {module}, {entries:,} entries", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        url = (
            f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
            if vendor == "sqlite"
            else fresh_postgresql(POSTGRESQL)
        )
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", str(entries), *options],
            env=environment(url),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def fresh_postgresql(url, template="template1"):
    """Drop and make the database; its name must say that it is for this."""
    server, _slash, name = url.rpartition("/")
    if "bench" not in name:
        sys.exit(f"BENCH_DATABASE_URL: {name} would be dropped; give it a name with “bench” in it")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url


def together(vendor, entries, folder):
    """Nights of two campaigns: each alone, and both together, on copies of one database."""
    if vendor == "sqlite":
        urls = {name: f"sqlite:///{folder / name}.sqlite3" for name in ("built", "alone", "both")}
    else:
        urls = {name: f"{POSTGRESQL}_{name}" for name in ("built", "alone", "both")}
        fresh_postgresql(urls["built"])
    part("build", urls["built"], str(entries))
    found = {}
    for name in ("alone", "both"):
        if vendor == "sqlite":
            shutil.copy(folder / "built.sqlite3", folder / f"{name}.sqlite3")
        else:
            fresh_postgresql(urls[name], template=urls["built"].rpartition("/")[2])
        found[name] = json.loads(part(name, urls[name]))
        print(f"  {name}: {found[name]['seconds']} s", file=sys.stderr, flush=True)
    if found["alone"]["moved"] != found["both"]["moved"]:
        sys.exit(f"together other entries move than alone: {found}")
    return found


def part(name, url, *arguments):
    """What a part of ``benchmarks.together`` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.together", name, *arguments],
        env=environment(url),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout


def ratios(large, small, nights):
    """The bars' figures of one database."""
    return [
        large["evaluation_to_frozen"],
        large["sweep"] / large["frozen_sweep"],
        large["row_engine_to_evaluation"] * large["entries"],
        large["evaluation"] / small["evaluation"],
        large["sweep"] / small["sweep"],
        large["filing_p95_during_sweep"] / large["filing_p95"],
        sum(nights["both"]["seconds"]) / sum(nights["alone"]["seconds"]),
    ]


def race_ratios(large, small, tiny):
    """The figures of the bars of races of one database."""
    return [
        large["sellers_to_frozen"],
        large["items_to_frozen"],
        large["board_sellers"] / small["board_sellers"],
        large["board_items"] / small["board_items"],
        large["screen_queries"] / tiny["screen_queries"],
        large["screen_seconds"] / tiny["screen_seconds"],
        large["filing_p95_during_boards"] / large["filing_p95"],
    ]


def judge(bars, values):
    """Print each figure beside its bar; whether all hold."""
    fine = True
    for (name, word, bar), value in zip(bars, values, strict=True):
        good = value <= bar if word == "at most" else value >= bar
        fine &= good
        print(f"  {'ok ' if good else 'NOT'} {name:<52} {value:8.2f}  ({word} {bar:g})")
    return fine


def recheck(vendor, options):
    """Measure re-checks, print, and say whether all bars hold."""
    small, large = (
        measure(vendor, "measure", entries) for entries in (options.small, options.entries)
    )
    with tempfile.TemporaryDirectory() as folder:
        nights = together(vendor, options.entries, Path(folder))
    print(f"\n{vendor}, re-checks of {large['entries']:,} entries; seconds:")
    for name in (
        "build", "evaluation", "frozen_evaluation", "preview", "sweep", "frozen_sweep",
        "row_engine_sample_seconds", "filing_p95", "filing_p95_during_sweep",
    ):  # fmt: skip
        print(f"  {name:<28} {large[name]:>9.2f}   (at {small['entries']:,}: {small[name]:.2f})")
    alone, both = nights["alone"]["seconds"], nights["both"]["seconds"]
    print(f"  nights of two campaigns alone {alone}, together {both}")
    print("  (the sweep by two workers, the rest by one; frozen SQL as the server is set;")
    print("   evaluation, its frozen SQL and the row engine in turns: medians of three)")
    print(f"  hits {large['hits']:,}, findings {large['findings']:,}, state {large['state']}, "
          f"preview equals enforce: {large['preview_equals_enforce']}, "
          f"sweep running while filing: {large['sweep_was_running']}")  # fmt: skip
    return judge(BARS, ratios(large, small, nights))


def races(vendor, options):
    """Measure boards and the data screen, print, and say whether all bars hold."""
    tiny, small = (measure(vendor, "racing", size) for size in (options.tiny, options.small))
    large = measure(vendor, "racing", options.entries, "--filing")
    print(f"\n{vendor}, boards of {large['sellers']:,} sellers and as many items; seconds:")
    for name in (
        "build", "board_sellers", "frozen_sellers", "board_items", "frozen_items", "screen_seconds",
        "filing_p95", "filing_p95_during_boards",
    ):  # fmt: skip
        below = [f"at {each['sellers']:,}: {each[name]:.3f}" for each in (small, tiny)
                 if name in each]  # fmt: skip
        print(f"  {name:<28} {large[name]:>9.3f}   {'; '.join(below)}")
    print("  (by one worker, the frozen SQL in turns with the board: medians of three)")
    print(f"  queries of the screen {large['screen_queries']} (at {tiny['sellers']:,}: "
          f"{tiny['screen_queries']}), boards begun while filing {large['boards_begun']}, "
          f"still made at its end: {large['boards_were_made']}")  # fmt: skip
    return judge(RACE_BARS, race_ratios(large, small, tiny))


PARTS = {"recheck": recheck, "races": races}


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--small", type=int)
    parser.add_argument("--tiny", type=int)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--part", choices=PARTS)
    options = parser.parse_args()
    options.small = options.small or options.entries // 10
    options.tiny = options.tiny or options.entries // 100
    fine = True
    for vendor in ("sqlite", "postgresql"):
        for name, part_of in PARTS.items():
            if options.only in (None, vendor) and options.part in (None, name):
                fine &= part_of(vendor, options)
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
