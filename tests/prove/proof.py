"""The proof, part by part, on a running machine: commands come out of docs/operations.md, or are named as ours."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.prove.documented import read_blocks
from tests.prove.machine import CommandFailed, Machine

HERE = Path(__file__).resolve().parent
TEAM, DEVICES = "/srv/story", "/srv/devices/opt/miss"
RPO_S, RTO_S = 300.0, 1800.0
"""At most five minutes are lost, half an hour to be back (docs/reliability.md)."""
AUTHORITY = """
mkdir -p /etc/ssl/miss /srv/world/mails && cd /srv/world
new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90"
openssl req -x509 $new -subj /CN=Authority -keyout ca.key -out ca.crt
openssl req $new -subj /CN=miss.example -keyout /etc/ssl/miss/privkey.pem -out miss.csr
printf 'subjectAltName=DNS:miss.example,DNS:mx.miss.example' > names
openssl x509 -req -in miss.csr -CA ca.crt -CAkey ca.key -days 90 -extfile names -out /etc/ssl/miss/fullchain.pem
openssl req -x509 $new -subj /CN=out.op.example -keyout operator.key -out operator.pem
cp ca.crt /usr/local/share/ca-certificates/authority.crt
update-ca-certificates
"""
"""What exists before anybody installs MiSS: an authority and its certificate, an operator's mail server."""
OPERATOR = """
print=$(openssl x509 -noout -fingerprint -sha256 -in /srv/world/operator.pem | cut -d= -f2)
said="mx.miss.example; x-tls-client=pass policy.operator=op.example"
echo "$print PREPEND Authentication-Results: $said" >> /etc/postfix/miss-operators
cat >> /etc/miss/miss.env <<END
MISS_MAIL_AUTHSERV=mx.miss.example
MISS_MAIL_OPERATORS=op.example=medecin.mssante.example
END
postconf -e 'transport_maps=inline:{medecin.mssante.example=smtp:[127.0.0.1]:2525}'
systemctl restart postfix
"""
"""docs/mail.md, « Proof of the sender »; and where this world's mails go, as it has no DNS."""
WORLD = "systemd-run --quiet --unit=world /opt/miss/bin/python /srv/prove/world.py /srv/world/mails 2525"
ASKING = """
cat > /srv/world/ask <<'END'
while sleep 0.3; do curl -s -o /dev/null -w '%{http_code}\\n' --max-time 20 https://miss.example/health; done
END
systemd-run --quiet --unit=asking --property=StandardOutput=file:/srv/world/asked bash /srv/world/ask
"""
LOSS = "rm -rf /var/lib/miss /var/lib/miss-keys /var/lib/miss-wal /var/lib/postgresql/15"


@dataclass
class Log:
    """What was done, when, and how long it took; printed as it goes, and a page at the end."""

    lines: list[str] = field(default_factory=list)

    def head(self, title: str) -> None:
        """A part begins."""
        self._add(f"\n## {title}\n")

    def note(self, text: str) -> None:
        """Something that was seen."""
        self._add(text)

    def figure(self, name: str, value_s: float, limit_s: float) -> None:
        """A figure that has a limit; fails above it."""
        self._add(f"- **{name}: {value_s:.0f} s** (at most {limit_s:.0f} s)")
        if value_s > limit_s:
            raise CommandFailed(f"{name}: {value_s:.0f} s is above {limit_s:.0f} s")

    def total(self, seconds: float) -> None:
        """The last line."""
        self._add(f"\nFrom the first boot to the last proof: {seconds:.0f} s.")

    @contextmanager
    def step(self, sentence: str) -> Iterator[None]:
        """One step, timed; it says so when it fails."""
        started = time.monotonic()
        try:
            yield
        except BaseException as failure:
            self._add(f"- ✗ {sentence}\n\n```\n{failure}\n```")
            raise
        self._add(f"- ✓ {sentence} ({time.monotonic() - started:.1f} s)")

    def page(self) -> str:
        """docs/install-log.md."""
        head = (
            "# From nothing to a restored deployment\n\n"
            f"Written by `python3 run.py prove` on {datetime.now(UTC):%Y-%m-%d at %H:%M} UTC. A minimal Debian 12 is "
            "made with `mmdebstrap` and booted in namespaces of its own, with its own systemd and no network; every "
            "block named below is read out of [operations.md](operations.md) and run as it stands.\n"
        )
        return head + "\n".join(self.lines).replace("\n\n\n", "\n\n") + "\n"

    def _add(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True)


class Proof:
    """The parts, in the order of the page."""

    def __init__(self, machine: Machine, log: Log) -> None:
        self._machine = machine
        self._log = log
        self._blocks = read_blocks()
        self._last_backup_at = 0.0

    def install(self, package: Path, devices: Path) -> None:
        """Steps 1 to 7, with what they take for granted before them; people's devices have the version `devices`."""
        machine, log = self._machine, self._log
        log.head("Installing")
        with log.step("a certificate, an authority and a mail operator exist (not ours to make)"):
            machine.run(AUTHORITY)
        for name in ("machine.py", "story.py", "world.py"):
            machine.give(HERE / name, f"srv/prove/{name}")
        machine.give(devices, "srv/devices.deb")
        machine.run("dpkg-deb -x /srv/devices.deb /srv/devices")
        self._put_package(package)
        started = time.monotonic()
        for name in ("packages", "databases", "addresses", "proxy", "mail"):
            self._do(name)
        with log.step("the operator's certificate is named (mail.md), its mail server runs"):
            machine.run(OPERATOR)
            machine.run(WORLD)
        for name in ("backups", "start"):
            self._do(name, shown=name == "start")
        log.note(f"- **installed in {time.monotonic() - started:.0f} s** of computing, by 7 blocks")

    def tell_the_story(self) -> None:
        """A care team, a request, an answer with a second factor."""
        self._log.head("The story")
        self._machine.run(f"mkdir -p {TEAM}")
        self._tell("meet")
        for text in ("Bonjour à tous.", "Escarre stade 2, chambre 12."):
            self._tell("talk", text)
        self._tell("ask")
        self._tell("answer")
        self._tell("prove")

    def upgrade(self, package: Path) -> None:
        """The documented upgrade while the public address is asked all the time, then the story goes on."""
        self._log.head("Upgrading")
        self._put_package(package)
        self._machine.run(ASKING)
        self._do("upgrade", shown=True)
        self._machine.run("systemctl stop asking")
        codes = (self._machine.tree / "srv/world/asked").read_text().split()
        refused = [code for code in codes if code != "200"]
        self._log.note(f"- meanwhile the public address was asked {len(codes)} times: {len(refused)} refusals")
        if refused or not codes:
            raise CommandFailed(f"the public address was away during the upgrade: {refused[:3]}")
        self._tell("talk", "Après la mise à niveau.")
        self._tell("ask")
        self._tell("answer")

    def lose_a_process(self) -> None:
        """SIGKILL to one process while people talk; systemd brings it back."""
        self._log.head("Killing")
        with self._log.step("one process is killed (SIGKILL); the team talks on through the other one"):
            self._machine.run("systemctl kill --signal=KILL miss@2")
            self._tell("talk", "Pendant la coupure.")
        with self._log.step("systemd brought it back"):
            self._machine.run("curl -sSf --retry 120 --retry-delay 1 --retry-all-errors http://127.0.0.1:8082/health")

    def back_up_and_cut(self) -> None:
        """A last backup, then the power goes."""
        with self._log.step(
            "`miss backup take`; then every process of the machine is killed at once, as by a power cut"
        ):
            self._machine.run("miss backup take")
            self._last_backup_at = time.monotonic()

    def come_back_after_the_cut(self) -> None:
        """Booted again, everything serves by itself."""
        with self._log.step("the machine boots again, everything serves by itself, nothing is lost"):
            self._machine.run(WORLD)
            self._machine.run("curl -sSf --retry 90 --retry-delay 1 --retry-all-errors https://miss.example/health")
        self._tell("talk", "Après la panne de courant.")
        self._machine.run("miss backup take")
        self._last_backup_at = time.monotonic()

    def restore(self) -> None:
        """Everything but settings and repositories is deleted; the documented block brings it back."""
        log = self._log
        log.head("Losing everything, restoring")
        self._machine.run("systemctl kill --signal=KILL 'miss@*' miss-wal 'postgresql@*' || true")
        lost_at = time.monotonic()
        with log.step(f"data, keys, log and both clusters are deleted: `{LOSS}`"):
            self._machine.run(f"systemctl stop miss@1 miss@2 miss-wal miss-backup.timer 'postgresql@*' || true; {LOSS}")
        self._do("restore", shown=True)
        log.figure("RPO: from the last backup to the loss", lost_at - self._last_backup_at, RPO_S)
        log.figure("RTO: from the loss to a green `miss check`", time.monotonic() - lost_at, RTO_S)

    def verify_everything(self) -> None:
        """Chains, proofs, conversations, requests; and work goes on."""
        self._log.head("Every proof")
        with self._log.step("`miss audit verify`, `miss backup verify --everything`"):
            self._machine.run("miss audit verify")
            self._machine.run("miss backup verify --everything")
        self._tell("prove")
        self._tell("talk", "Après la restauration.")
        self._tell("ask")
        self._tell("answer")
        with self._log.step("no unit failed; health data is nowhere in the journal"):
            failed = self._machine.run("systemctl --failed --no-legend --plain")
            if failed.strip():
                raise CommandFailed(failed)
            journal = self._machine.run("journalctl --no-pager -o cat")
            if "request.answered" not in journal:
                raise CommandFailed("the journal does not tell what the server did")
            for words in ("Escarre stade 2", "Nævus", "BASTIEN"):
                if words in journal:
                    raise CommandFailed(f"the journal says {words!r}")

    def _put_package(self, package: Path) -> None:
        """Under the name that the page uses, where its commands are typed."""
        (self._machine.tree / "root").mkdir(exist_ok=True)
        shutil.copy(package, self._machine.tree / "root/miss_0.1.0_amd64.deb")

    def _do(self, block: str, *, shown: bool = False) -> None:
        with self._log.step(f"block `{block}`"):
            said = self._machine.run(f"cd /root\n{self._blocks[block]}")
        if shown:
            self._log.note(f"\n```\n{_told(said)}\n```\n")

    def _tell(self, deed: str, *words: str) -> None:
        command = [
            "env",
            "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
            f"{DEVICES}/bin/python",
            "/srv/prove/story.py",
        ]
        started = time.monotonic()
        try:
            said = self._machine.run([*command, TEAM, deed, *words]).strip().splitlines()[-1]
        except CommandFailed as failure:
            self._log.note(f"- ✗ {deed}\n\n```\n{failure}\n```")
            raise
        self._log.note(f"- {said.strip()} ({time.monotonic() - started:.1f} s)")


def _told(said: str) -> str:
    """What `miss` and `curl` said, without apt's and PostgreSQL's chatter or settings."""
    noise = ("MISS_", "TELEEXPERTISE_", "MOVEMENTS_")
    kept = [line for line in said.splitlines() if not line.startswith(noise) and line.strip()]
    signs = ("✓", "✗", "!", "•", "{", "postgresql", "Created symlink", "/var/lib", "  →")
    return "\n".join(line for line in kept if line.startswith(signs) or "à jour" in line or "intactes" in line)
