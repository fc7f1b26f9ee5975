"""`bench cda-validate FOLDER`: every variant that MiSS composes, against the validator in FOLDER."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.cda.validator import Validator
from tests.miss.documents.structured import documents


def main(arguments: Sequence[str]) -> int:
    """0 if every document passed every profile of its volet."""
    parser = argparse.ArgumentParser(prog="bench cda-validate", description=__doc__)
    parser.add_argument("folder", type=Path, help="a checkout of ansforge/TestContenuCDA-3-0 or its successor")
    folder = parser.parse_args(arguments).folder
    with tempfile.TemporaryDirectory() as place:
        try:
            validator = Validator(folder, Path(place, "validator"))
        except (ImportError, FileNotFoundError, OSError) as error:
            print(f"{error}: the folder must hold the validator, and saxonche be installed", file=sys.stderr)
            return 2
        return judge(validator, Path(place))


def judge(validator: Validator, place: Path) -> int:
    """Judge each variant and say what was found; 1 if anything failed or a volet's own profile is not there."""
    passed = count = 0
    without: set[str] = set()
    for name, _, data in documents():
        file = place / f"{name}.xml"
        file.write_bytes(data)
        volet = "_".join(name.split("_")[:2])
        if len(validator.profiles(volet)) < len(validator.profiles("")) + 1:
            without.add(volet)
        failures = list(validator.failures(file, volet))
        count += 1
        passed += not failures
        print(f"{name}: {'0 errors' if not failures else f'{len(failures)} errors'}")
        for failure in failures:
            print(f"    {failure.profile}: {failure.message}")
    print(f"{passed} of {count} documents passed XSD and schematrons")
    for volet in sorted(without):
        print(f"{volet}: the folder has no profile of its own, only the common ones were run")
    return 0 if passed == count and not without else 1
