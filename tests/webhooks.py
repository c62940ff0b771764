"""A web server of this machine that takes messages as a messenger does, and answers as told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FakeMessenger:
    """Keeps every message in ``taken`` (path, parsed body); answers with ``status`` and ``reply``,
    or, while ``silent``, not before the test ends."""

    def __init__(self):
        self.taken = []
        self.status, self.reply, self.headers = 200, {}, {}
        self.silent = False
        self._over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.taken.append((self.path, json.loads(body)))
                if outer.silent:
                    outer._over.wait()
                    return
                content = json.dumps(outer.reply).encode()
                self.send_response(outer.status)
                for name, value in {**outer.headers, "Content-Length": len(content)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self):
        """End the server and its threads."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
