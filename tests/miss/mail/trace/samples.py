"""Reports as mail systems and record software write them."""

MAIL_ID = "019aa111-0000-7000-8000-000000000001"
MESSAGE_ID = "<te26000417.answer@miss.example>"
RECIPIENT = "paul.exemple@medecin.mssante.example"


def dsn(
    action: str = "delivered",
    status: str = "2.0.0",
    *,
    envid: str = MAIL_ID,
    recipient: str = RECIPIENT,
    original: str = RECIPIENT,
    host: str = "mx.medecin.mssante.example",
    message_id: str = MESSAGE_ID,
    sender: str = "MAILER-DAEMON@medecin.mssante.example",
) -> bytes:
    """A delivery report, as Postfix writes them."""
    lines = [
        f"From: {sender}",
        "To: teleexpertise@miss.example",
        "Subject: Successful Mail Delivery Report",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status;",
        '\tboundary="B2.1/mx.example"',
        "",
        "This is a MIME-encapsulated message.",
        "",
        "--B2.1/mx.example",
        "Content-Description: Notification",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "Your message was successfully delivered to FICTIF BASTIEN's doctor.",
        "",
        "--B2.1/mx.example",
        "Content-Description: Delivery report",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {host}",
        *([f"Original-Envelope-Id: {envid}"] if envid else []),
        "X-Postfix-Queue-ID: 4B1F2A",
        "Arrival-Date: Fri, 20 Nov 2026 10:15:05 +0100 (CET)",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        *([f"Original-Recipient: rfc822;{original}"] if original else []),
        f"Action: {action}",
        f"Status: {status}",
        "Diagnostic-Code: smtp; 250 2.0.0 delivered",
        "",
        "--B2.1/mx.example",
        "Content-Description: Message headers",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {message_id}",
        "Subject: XDM/1.0/DDM+CR FICTIF BASTIEN 14/07/1985",
        "",
        "--B2.1/mx.example--",
        "",
    ]
    return "\r\n".join(lines).encode()


def mdn(
    disposition: str = "automatic-action/MDN-sent-automatically; processed",
    *,
    error: str = "",
    sender: str = RECIPIENT,
    recipient: str = RECIPIENT,
    message_id: str = MESSAGE_ID,
    subject: str = "XDM/1.0/DDM+CR FICTIF BASTIEN 14/07/1985",
) -> bytes:
    """A receipt, as record software writes them, the whole mail brought back."""
    lines = [
        f"From: Cabinet <{sender}>",
        "To: teleexpertise@miss.example",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=B1",
        "",
        "--B1",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "Le document de FICTIF BASTIEN",
        "",
        "--B1",
        "Content-Type: message/disposition-notification",
        "",
        "Reporting-UA: dpi.example; DPI de test",
        f"Original-Recipient: rfc822;{recipient}",
        f"Final-Recipient: rfc822;{recipient}",
        f"Original-Message-ID: {message_id}",
        f"Disposition: {disposition}",
        *([f"Error: {error}"] if error else []),
        "",
        "--B1",
        "Content-Type: message/rfc822",
        "",
        "From: teleexpertise@miss.example",
        f"Message-ID: {message_id}",
        "",
        "(the mail)",
        "",
        "--B1--",
        "",
    ]
    return "\r\n".join(lines).encode()


KO_NEW = mdn(
    "automatic-action/MDN-sent-automatically; processed/error",
    error="902^Identifiant patient inconnu",
    subject="[KO =?utf-8?q?Int=C3=A9gration?= =?utf-8?q?_syst=C3=A8me?= !][902] XDM/1.0/DDM+CR",
)
"""The dialect of 2026."""
KO_OLD = mdn("automatic-action/MDN-sent-automatically; processed/Error: 902^Identifiant patient inconnu")
"""The one before."""
