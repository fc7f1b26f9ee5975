"""The search index and what a person decided, in SQLCipher; what a cut leaves of them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clients.desktop.state.model import NoticeLevel, Settings, Theme
from clients.desktop.store.desk import Desk, Marks
from clients.desktop.store.errors import DeskNewer
from miss.base.ids import ConversationId

KEY = b"k" * 32
A, B = ConversationId(b"a" * 32), ConversationId(b"b" * 32)


def test_accents_beginnings_and_places(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.db", KEY)
    desk.index(A, [(1, "Lésion du talon gauche"), (2, "Œdème"), (3, "Rien à signaler")], up_to=3)
    desk.index(B, [(1, "Deux lésions, l'une au talon")])
    assert desk.search("lesion") == [(B, 1), (A, 1)]
    assert desk.search("LÉSION talon") == [(B, 1), (A, 1)]
    assert desk.search("les tal", A) == [(A, 1)]
    assert desk.search("talon droit") == []
    assert desk.search('" OR *') == []
    assert desk.indexed(A) == 3
    assert desk.indexed(B) == 0
    desk.close()


def test_what_is_edited_or_deleted_is_no_longer_found(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.db", KEY)
    desk.index(A, [(1, "erreur de patient"), (2, "autre")])
    desk.index(A, [(1, "corrigé"), (2, "")])
    assert desk.search("patient") == []
    assert desk.search("autre") == []
    assert desk.search("corrige") == [(A, 1)]
    assert desk.count() == 1
    desk.close()


def test_settings_and_marks_are_there_again(tmp_path: Path) -> None:
    chosen = Settings(theme=Theme.DARK, notices=NoticeLevel.NAME, text_percent=150, own_words=("Kaplanowitch",))
    desk = Desk(tmp_path / "desk.db", KEY)
    desk.save_settings(chosen)
    desk.put_marks(A, Marks(pinned=True))
    desk.index(A, [(1, "mot")], up_to=1)
    desk.put_setting("window", "1,2")
    desk.close()
    desk = Desk(tmp_path / "desk.db", KEY)
    assert desk.settings() == chosen
    assert desk.marks() == {A: Marks(pinned=True)}
    assert desk.setting("window") == "1,2"
    desk.put_setting("settings", '{"theme": "pink", "unknown": 1}')
    assert desk.settings() == Settings()
    desk.close()


def test_nothing_is_readable_without_the_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.db", KEY)
    desk.index(A, [(1, "Kaliémie dangereuse")])
    desk.put_setting("dossier", "/srv/hprim-secret")
    desk.save_settings(Settings(own_words=("Kaplanowitch",)))
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert b"dangereuse" not in content
        assert b"hprim-secret" not in content
        assert b"Kaplanowitch" not in content
        assert b"SQLite format" not in content
    desk.close()


@pytest.mark.parametrize("content", [b"x" * 5000, b""])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "desk.db").write_bytes(content)
    desk = Desk(tmp_path / "desk.db", KEY)
    assert desk.was_damaged is bool(content)
    desk.index(A, [(1, "mot")])
    assert desk.search("mot") == [(A, 1)]
    desk.close()


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.db", KEY)
    desk._do("PRAGMA user_version = 99")
    desk.close()
    with pytest.raises(DeskNewer):
        Desk(tmp_path / "desk.db", KEY)


def test_the_schema_is_upgraded_from_each_version(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.db", KEY)
    desk.index(A, [(1, "ancien")])
    desk._connection.executescript("DROP TABLE report; PRAGMA user_version = 1;")
    desk.close()
    desk = Desk(tmp_path / "desk.db", KEY)
    desk.put_report("TE26000001", "TE26000001.1", "TE26000001.1.hpr", "2026-11-20")
    assert desk.report("TE26000001") == ("TE26000001.1", "TE26000001.1.hpr", "")
    assert desk.search("ancien") == [(A, 1)]
    desk.close()


WRITER = """
import sys
from pathlib import Path
from clients.desktop.store.desk import Desk
desk = Desk(Path(sys.argv[1]), b"k" * 32)
for seq in range(1, 100_000):
    desk.index(b"a" * 32, [(seq, f"message numero{seq}"), (seq + 1_000_000, f"jumeau{seq}")], up_to=seq)
    if seq == 30:
        print("writing", flush=True)
"""


def test_kill_minus_nine_while_writing(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    for _cut in range(2):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        writer.stdout.close()
        desk = Desk(path, KEY)
        assert not desk.was_damaged
        last = desk.indexed(A)
        assert last >= 30
        assert desk.search(f"numero{last}")[0] == (A, last)
        assert desk.search(f"jumeau{last}"), "all of it or none"
        assert desk.search(f"jumeau{last + 1}") == []
        assert desk._one("PRAGMA integrity_check") == ("ok",)
        desk.close()


FULL = """
import resource, signal, sys
from pathlib import Path
from clients.desktop.store.desk import Desk
from clients.desktop.store.errors import DeskFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
desk = Desk(Path(sys.argv[1]), b"k" * 32)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
seq = 0
try:
    while True:
        desk.index(b"a" * 32, [(seq + 1, f"message numero{seq + 1} " + "mot " * 500)], up_to=seq + 1)
        seq += 1
except DeskFull:
    assert desk.search(f"numero{seq}"), "what is there can still be read"
    print(seq, flush=True)
"""


def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    writer = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    kept = int(writer.stdout)
    assert kept > 3
    desk = Desk(path, KEY)
    assert not desk.was_damaged
    assert desk.indexed(A) == kept
    assert desk._one("PRAGMA integrity_check") == ("ok",)
    desk.index(A, [(kept + 1, "de la place de nouveau")], up_to=kept + 1)
    assert desk.search("nouveau") == [(A, kept + 1)]
    desk.close()


@pytest.mark.parametrize("place", [0, 5000, 20_000])
def test_a_file_with_a_hole_in_it_is_begun_anew_or_read(tmp_path: Path, place: int) -> None:
    path = tmp_path / "desk.db"
    desk = Desk(path, KEY)
    desk.index(A, [(seq, f"message numero{seq} " + "mot " * 200) for seq in range(1, 60)], up_to=59)
    desk.close()
    content = bytearray(path.read_bytes())
    content[place : place + 64] = bytes(64)
    path.write_bytes(content)
    desk = Desk(path, KEY)
    assert desk.was_damaged
    assert desk.indexed(A) == 0, "everything is indexed again from the store"
    desk.index(A, [(1, "de nouveau")], up_to=1)
    assert desk.search("nouveau") == [(A, 1)]
    desk.close()
