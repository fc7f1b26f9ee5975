"""The files of the ANS's validator at work: XSD, then ISO schematrons compiled to XSLT 2 and run by SaxonC.

They carry no licence file: they stay in a folder of the operator's, outside of this project.  They are copied to a
temporary place, since some of their includes differ from the file's name in capitals (they were written on Windows).

Source: https://github.com/ansforge/TestContenuCDA-3-0 (schematrons/moteur: the four steps of the compilation).
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from lxml import etree

PARTS: Final = ("infrastructure", "schematrons", "jeuxDeValeurs")
COMMON: Final = (
    "profils/IHE.sch",
    "profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch",
    "profils/CI-SIS_ModelesDeContenusCDA.sch",
    "profils/CI-SIS_Modeles_ANS.sch",
)
_STEPS: Final = ("iso_dsdl_include.xsl", "iso_abstract_expand.xsl", "iso_svrl_for_xslt2.xsl")
_FAILED: Final = "{http://purl.oclc.org/dsdl/svrl}failed-assert"
_HINTS: Final = frozenset({"warning", "warn", "info", "information", "hint"})
_INCLUDED: Final = re.compile(r'<(?:\w+:)?include\s+href="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Failure:
    """One assertion that failed."""

    profile: str
    message: str


class Validator:
    """Compiles each profile once."""

    def __init__(self, folder: Path, place: Path) -> None:
        """`folder`: as fetched; `place`: an empty directory.

        Raises FileNotFoundError, and ImportError without saxonche: a tool of the release, no dependency of MiSS.
        """
        saxon: Any = import_module("saxonche")
        for part in PARTS:
            shutil.copytree(folder / part, place / part, symlinks=True)
        self._root = place / "schematrons"
        for schematron in list(self._root.rglob("*.sch")):
            mend_names(schematron)
        self._saxon: Any = saxon.PySaxonProcessor(license=False)
        self._schema = etree.XMLSchema(etree.parse(place / "infrastructure/cda/CDA_extended.xsd"))
        self._compiled: dict[str, Any] = {}

    def profiles(self, volet: str) -> list[str]:
        """What a document of `TLM-CR_2022.01` is judged by, as far as the folder holds it."""
        own = f"CI-SIS_{volet}.sch"
        return [*COMMON, *([own] if (self._root / own).exists() else [])]

    def failures(self, document: Path, volet: str) -> Iterator[Failure]:
        """Everything that is wrong in the document."""
        tree = etree.parse(document)
        if not self._schema.validate(tree):
            yield from (Failure("XSD", entry.message) for entry in self._schema.error_log)
        for profile in self.profiles(volet):
            report = self._run(profile, document)
            for failed in etree.fromstring(report.encode()).iter(_FAILED):
                if failed.get("role", "error") not in _HINTS:
                    yield Failure(profile, " ".join("".join(map(str, failed.itertext())).split()))

    def _run(self, profile: str, document: Path) -> str:
        if profile not in self._compiled:
            stylesheet = str(self._compile(self._root / profile))
            self._compiled[profile] = self._saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=stylesheet)
        return str(self._compiled[profile].transform_to_string(source_file=str(document)))

    def _compile(self, source: Path) -> Path:
        """The schematron as a stylesheet beside it: its paths are relative to where it stands."""
        for rank, name in enumerate(_STEPS):
            step = self._saxon.new_xslt30_processor().compile_stylesheet(
                stylesheet_file=str(self._root / "moteur" / name)
            )
            target = source.with_name(f"{source.stem}.step{rank}.xml")
            step.transform_to_file(source_file=str(source), output_file=str(target))
            source = target
        return source


def mend_names(schematron: Path) -> None:
    """Have what it includes be found under the name it gives, whatever the capitals."""
    for href in _INCLUDED.findall(schematron.read_text(encoding="utf-8", errors="replace")):
        wanted = schematron.parent / href
        if wanted.exists() or not wanted.parent.is_dir():
            continue
        for other in wanted.parent.iterdir():
            if other.name.lower() == wanted.name.lower():
                wanted.symlink_to(other)
                break
