"""HTTP that two readers could take for different requests, or that no reader should take, on the real server: each is
refused and the connection ends, so that nothing behind it is taken for a request of somebody else."""
import unittest

from ward import ServerTest
from wire import Wire, request, statuses

# Were the first request's body cut differently, this would be answered as a request of its own.
BEHIND = b"GET /api/session HTTP/1.1\r\nHost: vigil.test\r\n\r\n"
POST = b"POST /api/session HTTP/1.1\r\nHost: vigil.test\r\nContent-Type: application/json\r\n"


class Smuggling(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()

    def said(self, data):
        with Wire(self.server.port("http")) as wire:
            try:
                wire.send(data)
            except ConnectionError:
                pass
            return wire.until_closed()

    def is_refused(self, data, *expected):
        """One refusal, then the end: what follows is not looked at."""
        said = self.said(data + BEHIND)
        got = statuses(said)
        self.assertEqual(len(got), 1, said[:300])
        self.assertIn(got[0], expected or (400,))
        self.assertIn(b"\r\nconnection: close\r\n", said)

    def test_a_length_that_can_be_read_two_ways(self):
        for fields in (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                       b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Content-Length: 5\r\nContent-Length: 5\r\n",
                       b"Content-Length: 5, 5\r\n", b"Content-Length: +5\r\n", b"Content-Length: 5 \x0b\r\n", b"Content-Length: 0x5\r\n",
                       b"Content-Length: -0\r\n", b"Content-Length:\r\n", b"Content-Length: 18446744073709551621\r\n"):
            with self.subTest(fields):
                self.is_refused(POST + fields + b"\r\n0\r\n\r\n", 400)

    def test_a_transfer_coding_in_disguise(self):
        for field in (b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: identity, chunked",
                      b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Transfer-Encoding: \"chunked\"",
                      b"Transfer-Encoding: chunked;q=1", b"Transfer-Encoding: chunked\x0b", b"Transfer-Encoding : chunked",
                      b"Transfer-Encoding:\x0cchunked", b" Transfer-Encoding: chunked", b"Transfer-Encoding\t: chunked",
                      b"Transfer-Encoding:\r\n chunked", b"X: a\nTransfer-Encoding: chunked", b"X: a\rTransfer-Encoding: chunked",
                      b"Transfer-Encoding\0: chunked", b"Transfer\xe2\x80\x90Encoding: chunked"):
            with self.subTest(field):
                self.is_refused(POST + field + b"\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, 501)
        # A name that is none of ours is nobody's framing: the body is as long as Content-Length says.
        self.assertEqual(statuses(self.said(POST + b"Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" +
                                            BEHIND.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))), [400, 401])
        self.is_refused(b"POST /api/session HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)

    def test_lines_and_fields_that_are_none(self):
        for fields in (b"X: a\r\n folded: yes\r\n", b"X: a\r\n\tb\r\n", b"X : a\r\n", b"X\r\n", b": a\r\n", b"X: a\nY: b\r\n",
                       b"X: a\0b\r\n", b"X: a\rb\r\n", b"X(Y): a\r\n", b"\x01: a\r\n", b"X: \x7f\r\n"):
            with self.subTest(fields):
                self.is_refused(b"GET /api/session HTTP/1.1\r\nHost: vigil.test\r\n" + fields + b"\r\n", 400)
        for line in (b"GET /api/session HTTP/1.1\n", b"GET  /api/session HTTP/1.1\r\n", b"GET\t/api/session\tHTTP/1.1\r\n",
                     b"GET /api/session\r\n", b"GET /api/session HTTP/1.1 \r\n", b"GET /api session HTTP/1.1\r\n",
                     b"GET /api/session HTTP/1.1\rX: \r\n", b"GET /\x00 HTTP/1.1\r\n", b"GET \xff HTTP/1.1\r\n",
                     b"GET /api/session http/1.1\r\n", b"/ HTTP/1.1\r\n", b"CONNECT vigil.test:443 HTTP/1.1\r\n"):
            with self.subTest(line):
                self.is_refused(line + b"Host: vigil.test\r\n\r\n", 400)
        for version in (b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/1.10", b"HTTP/11"):
            with self.subTest(version):
                self.is_refused(b"GET /api/session " + version + b"\r\nHost: vigil.test\r\n\r\n", 505)
        self.is_refused(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)

    def test_chunks_that_are_none(self):
        chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n"
        for body in (b"5\nabcde\r\n0\r\n\r\n", b"0x5\r\nabcde\r\n0\r\n\r\n", b"+5\r\nabcde\r\n0\r\n\r\n", b"-5\r\n", b"5\r\nabcdef\r\n0\r\n\r\n",
                     b"5 \r\nabcde\r\n0\r\n\r\n", b" 5\r\nabcde\r\n0\r\n\r\n", b"\r\n", b"5;" + b"x" * 300 + b"\r\nabcde\r\n0\r\n\r\n",
                     b"5;x\nabcde\r\n0\r\n\r\n", b"0\r\nX: a\nY: b\r\n\r\n"):
            with self.subTest(body[:40]):
                self.is_refused(chunked + body, 400)
        for body in (b"ffffffffffffffff1\r\n", b"ffffffffffffffff\r\n", b"7fffffffffffffff\r\n"):
            with self.subTest(body):
                self.is_refused(chunked + body, 413)
        self.is_refused(chunked + b"0\r\n" + b"X: y\r\n" * 4000 + b"\r\n", 400, 413)

    def test_a_host_that_is_missing_doubled_or_none(self):
        line = b"GET /api/session HTTP/1.1\r\n"
        for hosts in (b"", b"Host: a\r\nHost: a\r\n", b"Host: a\r\nHost: b\r\n", b"Host: a b\r\n", b"Host: a/../b\r\n", b"Host: u@a\r\n",
                      b"Host: a:b\r\n", b"Host: a, b\r\n", b"Host: [::1\r\n", b"Host: \"a\"\r\n"):
            with self.subTest(hosts):
                self.is_refused(line + hosts + b"\r\n", 400)

    def test_forms_of_a_target(self):
        def status(target, version=b"HTTP/1.1"):
            return statuses(self.said(b"GET " + target + b" " + version + b"\r\nHost: vigil.test\r\nConnection: close\r\n\r\n"))
        # RFC 9112 3.2.2: absolute-form is taken, and means the same.
        self.assertEqual(status(b"http://vigil.test/api/session"), [401])
        self.assertEqual(status(b"http://other.test/api/session"), [401])
        for target in (b"ftp://vigil.test/", b"http://u:p@vigil.test/", b"http://", b"/../etc/passwd", b"javascript:alert(1)", b"*"):
            with self.subTest(target):
                self.assertEqual(status(target), [400])
        # HTTP/1.0 needs no Host, and its connection ends with the answer.
        self.assertEqual(statuses(self.said(b"GET /api/session HTTP/1.0\r\n\r\n" + BEHIND)), [401])

    def test_huge_heads_are_refused_before_they_are_held(self):
        head = b"GET /api/session HTTP/1.1\r\nHost: vigil.test\r\n"
        self.is_refused(head + b"X: y\r\n" * 101 + b"\r\n", 400)
        for data in (head + b"X: " + b"y" * 20_000, head + b"X" * 20_000, b"GET /" + b"a" * 20_000, b"GET /?" + b"a=b&" * 5_000, b"G" * 20_000):
            with self.subTest(data[:20]):
                self.assertIn(statuses(self.said(data)), ([431], []), "at most a refusal: the rest was not read")
        # Below the bounds it is taken.
        status = statuses(self.said(head + b"X: y\r\n" * 90 + b"Connection: close\r\n\r\n"))
        self.assertEqual(status, [401])

    def test_what_follows_an_answered_request_is_the_next_request(self):
        with Wire(self.server.port("http")) as wire:
            wire.send(request("POST", "/api/session", ["Content-Type: application/json"], "{}" + " " * 40) + BEHIND)
            self.assertEqual(wire.answer()[0], 401)
            self.assertEqual(wire.answer()[0], 401)

    def tearDown(self):
        self.assertEqual(self.server.errors(), "")


if __name__ == "__main__":
    unittest.main()
