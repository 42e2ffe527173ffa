"""A mail server (RFC 5321) that keeps what it is given, with STARTTLS and AUTH PLAIN."""
import base64
import email
import email.policy
import queue
import socketserver
import ssl
import threading


class MailBox:
    """`refuses`: an address that there is no mailbox of. `password`: who shows none may send nothing."""

    def __init__(self, certificate, key, refuses="", password=""):
        self.mails, self.refuses, self.password = queue.Queue(), refuses, password
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        box = self

        class Conversation(socketserver.BaseRequestHandler):
            def handle(self):
                Talk(box, self.request).run()

        socketserver.ThreadingTCPServer.daemon_threads = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"smtp://localhost:{self.server.server_address[1]}"

    def next(self, patience_s):
        """(sender, recipient, message, under TLS, signed in as)"""
        return self.mails.get(timeout=patience_s)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Talk:
    def __init__(self, box, connection):
        self.box, self.connection = box, connection
        self.lines = connection.makefile("rb")
        self.secure, self.user, self.sender, self.recipient = False, "", "", ""

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def run(self):
        self.say("220 mail.example ready")
        self.converse()

    def converse(self):
        for line in self.lines:
            word, _, rest = line.decode().strip().partition(" ")
            if word.upper() == "QUIT":
                return self.say("221 bye")
            if word.upper() == "STARTTLS":
                self.say("220 go on")
                self.connection = self.box.context.wrap_socket(self.connection, server_side=True)
                self.secure, self.lines = True, self.connection.makefile("rb")
                return self.converse()
            getattr(self, "on_" + word.lower(), lambda _: self.say("502 no such command"))(rest)
        return None

    def on_ehlo(self, _):
        self.say("250-mail.example\r\n" + ("250-AUTH PLAIN\r\n" if self.secure else "250-STARTTLS\r\n") + "250 8BITMIME")

    def on_auth(self, rest):
        words = rest.split(" ")
        if len(words) == 1:
            self.say("334 ")
            words.append(next(self.lines).decode().strip())
        _, user, password = base64.b64decode(words[1]).decode().split("\0")
        if password != self.box.password:
            return self.say("535 5.7.8 not you")
        self.user = user
        return self.say("235 welcome")

    def on_mail(self, rest):
        if self.box.password and not self.user:
            return self.say("530 5.7.0 sign in first")
        self.sender = rest
        return self.say("250 ok")

    def on_rcpt(self, rest):
        if self.box.refuses and self.box.refuses in rest:
            return self.say("550 5.1.1 no such mailbox")
        self.recipient = rest
        return self.say("250 ok")

    def on_data(self, _):
        self.say("354 go on")
        text = b""
        for line in self.lines:
            if line == b".\r\n":
                break
            text += line[1:] if line.startswith(b".") else line
        message = email.message_from_bytes(text, policy=email.policy.default)
        self.box.mails.put((self.sender, self.recipient, message, self.secure, self.user))
        self.say("250 2.0.0 taken as 4711")
