"""The mail's way out and in: relays that answer, and what the DNS says of the domain we write from.

Without an MX nobody can answer; without SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) others may write in our
name, and what we write is taken for theirs.  Domains that end in .example, .test, .invalid or .localhost (RFC 6761) are
not asked.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.resolver

from miss.base.errors import MissError
from miss.mail.relays import load_relays
from miss.server.examination.model import Finding, of_error, problem, remark, warning
from miss.server.settings import Settings

RELAY_TIMEOUT_S: Final = 5.0
DNS_TIMEOUT_S: Final = 5.0
_RESERVED: Final = (".example", ".test", ".invalid", ".localhost")


async def examine_mail(settings: Settings) -> list[Finding]:
    """Relays, then the domain."""
    return [*await _examine_relays(settings), *await _examine_domain(settings)]


async def _examine_relays(settings: Settings) -> list[Finding]:
    ways = [(settings.relay_host, settings.relay_port, "MISS_RELAY_HOST")] if settings.relay_host else []
    if settings.relays_file is not None:
        try:
            ways = [(relay.host, relay.port, relay.name) for relay in load_relays(settings.relays_file)]
        except MissError as error:
            return [of_error(error)]
    return [
        problem(
            "Le relais {host}:{port} ne répond pas ({name}) : les courriels attendent dans la file, rien n’est perdu.",
            "The relay {host}:{port} does not answer ({name}): mails wait in the queue, nothing is lost.",
            host=host,
            port=port,
            name=name,
        )
        for host, port, name in ways
        if not await _answers(host, port)
    ]


async def _answers(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(RELAY_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _examine_domain(settings: Settings) -> list[Finding]:
    domain, selector = settings.mail_domain, settings.mail_dkim_selector
    if domain.endswith(_RESERVED):
        return []
    try:
        exchangers = await _ask(domain, "MX")
        policies = await _ask(domain, "TXT")
        alignment = await _ask(f"_dmarc.{domain}", "TXT")
        signing = await _ask(f"{selector}._domainkey.{domain}", "TXT") if selector else []
    except dns.exception.DNSException as failure:
        return [
            warning(
                "Le DNS n’a pas répondu au sujet de {domain} ({reason}) : relancez « miss check » plus tard.",
                "The DNS did not answer about {domain} ({reason}): run “miss check” again later.",
                domain=domain,
                reason=type(failure).__name__,
            )
        ]
    return [*judge_domain(domain, exchangers, policies, alignment), *judge_signing(domain, selector, signing)]


def judge_domain(
    domain: str, exchangers: Sequence[str], policies: Sequence[str], alignment: Sequence[str]
) -> list[Finding]:
    """What the records say: MX of the domain, TXT of the domain, TXT of `_dmarc` below it."""
    findings = []
    if not exchangers:
        findings.append(
            problem(
                "{domain} n’a pas de MX : personne ne peut répondre. Ajoutez-le à la zone.",
                "{domain} has no MX: nobody can answer. Add it to the zone.",
                domain=domain,
            )
        )
    if not any(policy.lower().startswith("v=spf1") for policy in policies):
        findings.append(
            warning(
                "{domain} n’a pas de SPF : ajoutez un TXT « v=spf1 … -all » qui nomme vos relais (RFC 7208).",
                "{domain} has no SPF: add a TXT “v=spf1 … -all” that names your relays (RFC 7208).",
                domain=domain,
            )
        )
    if not any(policy.lower().startswith("v=dmarc1") for policy in alignment):
        findings.append(
            warning(
                "{domain} n’a pas de DMARC : ajoutez le TXT _dmarc.{domain} « v=DMARC1; p=quarantine » (RFC 7489).",
                "{domain} has no DMARC: add the TXT _dmarc.{domain} “v=DMARC1; p=quarantine” (RFC 7489).",
                domain=domain,
            )
        )
    return findings


def judge_signing(domain: str, selector: str, records: Sequence[str]) -> list[Finding]:
    """What the TXT records of `selector` say of DKIM (RFC 6376 §3.6.1: an empty `p=` is a key that was revoked)."""
    if not selector:
        return [
            remark(
                "le sélecteur DKIM de votre relais n’est pas connu (MISS_MAIL_DKIM_SELECTOR) : sa clé n’a pas été "
                "cherchée",
                "the DKIM selector of your relay is not known (MISS_MAIL_DKIM_SELECTOR): its key was not looked for",
            )
        ]
    if any(re.search(r"(?:^|;)\s*p\s*=\s*[A-Za-z0-9+/]", record) for record in records):
        return []
    return [
        warning(
            "{selector}._domainkey.{domain} n’a pas de clé DKIM : publiez celle de votre relais (RFC 6376).",
            "{selector}._domainkey.{domain} has no DKIM key: publish your relay's (RFC 6376).",
            selector=selector,
            domain=domain,
        )
    ]


async def _ask(name: str, kind: str) -> list[str]:
    """The records, none if there is no such name.  Raises DNSException."""
    resolver = dns.asyncresolver.Resolver()
    try:
        answer = await resolver.resolve(name, kind, lifetime=DNS_TIMEOUT_S)
    except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
        return []
    if kind == "TXT":
        return [b"".join(record.strings).decode(errors="replace") for record in answer]
    return [str(record.exchange) for record in answer]
