"""The console over HTTP, on threads of this process."""

import logging
import threading
from collections.abc import Mapping

from werkzeug.serving import make_server

from local.console.pages import create_app


class ConsoleServer:
    """A running console; `url` is what to open."""

    def __init__(self, outputs: Mapping[str, str], port: int) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._http = make_server("127.0.0.1", port, create_app(outputs), threaded=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}/"
        self._thread = threading.Thread(target=self._http.serve_forever, name="local-console", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def start(outputs: Mapping[str, str], *, port: int = 0) -> ConsoleServer:
    """Serve the console for a running embedded cloud; `outputs` are those of `.local/outputs.json`."""
    return ConsoleServer(outputs, port)
