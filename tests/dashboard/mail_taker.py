"""A mail server for the tests: a real one, that keeps what it is given."""

import email
import email.policy
import socket

from aiosmtpd.controller import Controller


class Taker:
    """A real SMTP server's handler that keeps what it is given, and refuses whom it is told to."""

    def __init__(self):
        self.taken, self.answers, self.port = [], {}, 0

    @classmethod
    def on_a_free_port(cls):
        made = cls()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            made.port = free.getsockname()[1]
        return made

    def listen(self):
        """The running server; its caller stops it."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        return controller

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.taken.append((tuple(envelope.rcpt_tos), message))
        return "250 queued as 42"
