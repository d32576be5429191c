"""Mails as other programs write them."""

from __future__ import annotations


def dsn(action: str, *, envid: str, quoted: str = "") -> bytes:
    """As Postfix writes it."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: mairie@la-redorte.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Original-Envelope-Id: {envid}
Arrival-Date: Tue, 24 Nov 2026 03:00:00 +0100 (CET)

Final-Recipient: rfc822; anne@example.org
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <anne@example.org>: unknown

--B
Content-Type: text/rfc822-headers

From: mairie@la-redorte.example
{quoted}

--B--
""".encode()
