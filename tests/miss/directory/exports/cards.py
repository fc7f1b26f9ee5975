"""Cards made of any text that a card can hold, and some that spreadsheets, LDIF and vCard stumble over."""

from base64 import b64encode
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import strategies as st

from miss.directory.establishments.staff import DeclaredPlace
from miss.directory.exports import Card
from miss.directory.exports.model import plain
from tests.miss.directory.certificates.making import make

ANY_TEXT = st.text(max_size=60)
HOSTILE = st.sampled_from(
    (
        '=HYPERLINK("http://x.example")',
        "+33 3 20 00 00 00",
        "-2+3",
        "@SUM(A1)",
        "＝1+1",
        "'=1",
        "''",
        "00123",
        "999" * 30,
        "a;b,c\\d\\n",
        'guillemet " double',
        "dn: x",
        ":<b",
        "# dièse",
        "D'Hœur-Lévêque, fils",
        "a=b+c<d>e;f",
        "é" * 80,
        "𝔘𝔫𝔦" * 40,
        "_x0041_",
        "http://x.example/",
        "*)(uid=*",
        "TRUE",
        "1e5",
        "2026-11-22",
    )
)
TEXT = st.one_of(ANY_TEXT, HOSTILE).map(plain)
MAILBOX = st.from_regex(r"[a-z0-9]{1,12}\.[a-z0-9-]{1,12}@[a-z0-9]{1,10}\.mssante\.example", fullmatch=True)
CERTIFICATES = [
    b64encode(make("anne@mssante.example", now=datetime(2026, 11, 20, tzinfo=UTC), encoding=Encoding.DER)).decode()
    for _ in range(2)
]
"""Real ones: slapd reads what it is given as a certificate."""

CARDS = st.builds(
    Card,
    id=st.integers(10**10, 10**11 - 1).map(lambda number: f"8{number}"),
    rpps=st.sampled_from(("", "99900000011")),
    civility=st.sampled_from(("", "Dr", "Mme")),
    family=TEXT,
    given=TEXT,
    profession=TEXT,
    profession_code=st.sampled_from(("10", "60")),
    specialties=st.lists(TEXT.filter(bool), max_size=3).map(tuple),
    organization=TEXT,
    unit=TEXT,
    finess=st.sampled_from(("", "590780193")),
    address=TEXT,
    postcode=st.sampled_from(("", "01000", "59000")),
    town=TEXT,
    department=st.sampled_from(("", "59", "2A")),
    phone=TEXT,
    certificates=st.lists(st.sampled_from(CERTIFICATES), max_size=2, unique=True).map(tuple),
    mailboxes=st.lists(MAILBOX, max_size=3, unique=True).map(tuple),
    formats=st.sampled_from(((), ("attachments", "hprim_text"))),
    is_proxy=st.booleans(),
    declared=st.lists(st.builds(DeclaredPlace, TEXT.filter(bool), TEXT, TEXT, TEXT, TEXT), max_size=2).map(tuple),
)
