"""`miss demo --once --out DIR`: the whole story on a fresh server, and what it leaves behind."""

import json
import subprocess
import sys
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from miss.server.demo.chat_story import BURST, CANARY
from tests.miss.documents.hprim.readers import READERS

TIMEOUT_S = 240


@dataclass(frozen=True)
class Played:
    """What the command said and left."""

    returncode: int
    said: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return report

    def mail(self, pattern: str) -> EmailMessage:
        [path] = self.folder.glob(f"mail/{pattern}")
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "out"
    miss = Path(sys.executable).with_name("miss")
    finished = subprocess.run(
        [miss, "demo", "--once", "--out", folder], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return Played(finished.returncode, finished.stdout + finished.stderr, folder)


def test_every_step_happened(played: Played) -> None:
    assert played.returncode == 0, played.said
    assert played.report["ok"]
    assert all(step["ok"] for step in played.report["steps"])
    assert len(played.report["steps"]) >= 20


def test_three_devices_decrypted_the_same_conversation(played: Played) -> None:
    paul, claire, hugo = (
        json.loads((played.folder / f"chat/transcript-{name}.json").read_text()) for name in ("paul", "claire", "hugo")
    )
    assert paul == claire == hugo
    said = [line["text"] for line in paul]
    assert CANARY in said
    assert [text for text in said if text in BURST] == BURST, "nothing lost, nothing twice, in order"


def test_the_photo_arrives_small_and_without_a_position(played: Played) -> None:
    with Image.open(played.folder / "chat/photo-sent.jpg") as sent:
        assert sent.width * sent.height == 12_000_000
        assert sent.getexif().get_ifd(0x8825), "the phone wrote where it was"
    received = played.folder / "chat/photo-received.jpg"
    assert received.stat().st_size <= 400_000
    with Image.open(received) as photo:
        assert max(photo.size) <= 1600
        assert not photo.getexif()
    assert b"Exif" not in received.read_bytes()


def test_two_requests_go_to_two_experts(played: Played) -> None:
    experts = [str(played.mail(f"out-TE2?00000{number}-offer.eml")["To"]) for number in (1, 2)]
    assert experts[0] != experts[1]


def test_notices_hold_nothing_clinical(played: Played) -> None:
    for pattern in ("out-TE2?000001-offer.eml", "out-TE2?000003-coordinator.eml"):
        [path] = played.folder.glob(f"mail/{pattern}")
        text = path.read_bytes().upper()
        for word in (b"BASTIEN", b"LOUISE", b"INVENTEE", b"PIGMENT", b"185075918304224"):
            assert word not in text


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_answer_is_a_mail_that_five_readers_file(played: Played, number: int) -> None:
    request = played.mail(f"in-{number}-request.eml")
    answer = played.mail(f"out-TE2?00000{number}-answer.eml")
    assert answer["In-Reply-To"] == request["Message-ID"]
    assert answer["Reply-To"], "somebody reads what is answered"
    [path] = played.folder.glob(f"requests/TE2?00000{number}.hpr")
    for name, accepts in READERS.items():
        assert accepts(path.read_bytes()), name


def test_the_canary_was_not_printed(played: Played) -> None:
    assert CANARY not in played.said
