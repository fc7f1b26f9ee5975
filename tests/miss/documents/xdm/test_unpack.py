"""Zips that mean harm are refused by name."""

import stat
import zipfile
from io import BytesIO

import pytest

from miss.documents.xdm.errors import ArchiveRefused
from miss.documents.xdm.unpack import MAX_ENTRIES, unpack


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("A.XML")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def refusal(data: bytes) -> str:
    with pytest.raises(ArchiveRefused) as refused:
        unpack(data)
    return str(refused.value.params["reason"])


def test_files_come_out_and_folders_do_not() -> None:
    assert unpack(zipped(("A/", b""), ("A/B.XML", b"x"), ("C.TXT", b""))) == {"A/B.XML": b"x", "C.TXT": b""}


@pytest.mark.parametrize("name", ["../A", "A/../../B", "/etc/passwd", "C:/A", "..\\A", "\\\\host\\A", "A\\..\\B"])
def test_a_path_that_leaves_the_archive(name: str) -> None:
    assert refusal(zipped((name, b"x"))) == "path"


def test_two_files_of_one_name() -> None:
    info = zipfile.ZipInfo("A")
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped((info, b"x"), ("A", b"y"))
    assert refusal(data) == "path"


def test_a_link() -> None:
    assert refusal(zipped((link(), b"/etc/passwd"))) == "link"


def test_a_bomb() -> None:
    assert refusal(zipped(("A", b"\0" * 8_000_000))) == "ratio"


def test_a_small_file_may_be_repetitive() -> None:
    assert len(unpack(zipped(("A", b"\0" * 1_000_000)))["A"]) == 1_000_000


def test_a_file_that_lies_about_its_size() -> None:
    data = zipped(("A", b"\0" * 40_000))
    lying = data.replace((40_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != data
    assert refusal(lying) == "damaged"


def test_more_than_a_file_may_hold() -> None:
    assert refusal(zipped(("A", b"\0" * (16 * 1024 * 1024 + 1)))) == "size"


def test_more_entries_than_allowed() -> None:
    assert len(unpack(zipped(*((f"F{rank}", b"") for rank in range(MAX_ENTRIES))))) == MAX_ENTRIES
    assert refusal(zipped(*((f"F{rank}", b"") for rank in range(MAX_ENTRIES + 1)))) == "entries"


def test_an_encrypted_entry() -> None:
    data = bytearray(zipped(("A", b"x")))
    data[data.index(b"PK\3\4") + 6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    assert refusal(bytes(data)) == "encrypted"


def test_an_unusual_compression() -> None:
    assert refusal(zipped(("A", b"x"), method=zipfile.ZIP_BZIP2)) == "method"


def test_an_altered_file() -> None:
    data = bytearray(zipped(("A", b"some text that is long enough"), method=zipfile.ZIP_STORED))
    data[data.index(b"text")] ^= 1
    assert refusal(bytes(data)) == "damaged"


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip", b"\0" * 100])
def test_what_is_no_zip(data: bytes) -> None:
    assert refusal(data) == "not_zip"


def test_an_archive_larger_than_a_mail() -> None:
    assert refusal(b"\0" * (12 * 1024 * 1024 + 1)) == "size"
