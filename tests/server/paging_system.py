"""A paging system: an HTTP server that keeps what it is sent."""
import http.server
import json
import queue
import threading

from ward import PATIENCE_S


class PagingSystem:
    """Takes what it is sent; `status` is what it answers."""

    def __init__(self):
        self.taken, self.status, outer = queue.Queue(), 200, self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.taken.put((self.headers["vigil-signature"], body))
                self.send_response(outer.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"

    def next(self):
        signature, body = self.taken.get(timeout=PATIENCE_S)
        return signature, body, json.loads(body)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
