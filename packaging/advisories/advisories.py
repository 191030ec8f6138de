#!/usr/bin/env python3
"""Writes packaging/advisories/advisories.tsv from a clone of RustSec's database:
`python3 advisories.py CLONE`.

The database (https://github.com/rustsec/advisory-db) is in the public domain. Only facts are kept:
which versions of which crate an advisory is about. `cargo xtask deny` makes them a database that
cargo-deny reads without a network.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

clone = Path(sys.argv[1])
commit, date = subprocess.run(
    ["git", "-C", clone, "show", "-s", "--format=%H %cs"], check=True, capture_output=True, text=True
).stdout.split()
rows = []
for file in sorted((clone / "crates").glob("*/RUSTSEC-*.md")):
    facts = tomllib.loads(file.read_text().split("```toml")[1].split("```")[0])
    advisory, versions = facts["advisory"], facts["versions"]
    if "withdrawn" in advisory:
        continue
    rows.append(
        [
            advisory["id"],
            advisory["package"],
            advisory["date"],
            advisory.get("informational", "vulnerability"),
            " | ".join(versions.get("patched", [])) or "-",
            " | ".join(versions.get("unaffected", [])) or "-",
        ]
    )
target = Path(__file__).parent / "advisories.tsv"
head = f"# RustSec's advisories at {commit} of {date}, written by advisories.py.\n"
head += "# id, crate, date, kind, versions that are mended, versions that never were concerned\n"
target.write_text(head + "".join("\t".join(row) + "\n" for row in rows))
print(len(rows), "advisories of", date)
