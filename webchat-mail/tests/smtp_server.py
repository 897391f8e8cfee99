"""A mail server on loopback for tests: takes mail with aiosmtpd and misbehaves as told.

Says what happens as one JSON object a line on standard output: first {"port": …}, then {"tried": "…"} for
each attempt with the fault it met, and {"mail": {…}} for each mail taken, read back by Python's own parser.

Faults, one per attempt in order; after the last one everything is taken:
  "ok"           takes the mail
  "451 …"        any reply code and text: refuses the recipient with it
  "hang"         never answers after the mail
  "cut"          drops the connection in the middle of the session
  "take and cut" takes the mail, and drops the connection instead of saying so
  "die"          the whole server stops in the middle of the session
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def say(**event):
    print(json.dumps(event), flush=True)


def read_back(envelope):
    """The mail as a reader's program understands it."""
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)

    def body(kind):
        part = mail.get_body(preferencelist=(kind,))
        return part.get_content() if part else None

    reply_to = mail["Reply-To"]
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": [[name, str(value)] for name, value in mail.items()],
        "reply_to": [[a.display_name, a.addr_spec] for a in reply_to.addresses] if reply_to else [],
        "encodings": [part["Content-Transfer-Encoding"] for part in mail.iter_parts()],
        "plain": body("plain"),
        "html": body("html"),
        "defects": [str(defect) for part in mail.walk() for defect in part.defects],
    }


class Faulty:
    def __init__(self, faults):
        self.faults = list(faults)

    async def handle_MAIL(self, server, session, envelope, address, options):
        session.fault = self.faults.pop(0) if self.faults else "ok"
        say(tried=session.fault)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if session.fault[:1].isdigit():
            return session.fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if session.fault == "hang":
            await asyncio.sleep(3600)
        if session.fault == "die":
            os._exit(1)
        if session.fault == "cut":
            server.transport.abort()
            return "451 not seen"
        say(mail=read_back(envelope))
        if session.fault == "take and cut":
            server.transport.abort()
        return "250 OK"


async def serve(options):
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    starttls = options.security == "starttls"
    handler = Faulty(options.fault)

    def authenticate(server, session, envelope, mechanism, credentials):
        known = isinstance(credentials, LoginPassword) and options.user is not None
        given = known and f"{credentials.login.decode()}:{credentials.password.decode()}"
        return AuthResult(success=given == options.user, handled=False)

    def session():
        return SMTP(
            handler,
            hostname="mail.test",
            enable_SMTPUTF8=False,
            require_starttls=starttls,
            tls_context=context if starttls else None,
            authenticator=authenticate if options.user else None,
            auth_required=options.user is not None,
            # Of TLS from the first byte this library knows nothing.
            auth_require_tls=starttls,
        )

    server = await asyncio.get_running_loop().create_server(
        session,
        "127.0.0.1",
        options.port,
        ssl=context if options.security == "tls" else None,
    )
    say(port=server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--security", choices=["none", "starttls", "tls"], default="none")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--user", help="name:password")
    parser.add_argument("--fault", action="append", default=[])
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(0)


main()
