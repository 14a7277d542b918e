"""Which folders the launcher takes, and which it leaves alone."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from local import state_folder


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    state_folder.prepare(tmp_path / "new" / "state")

    assert (tmp_path / "new" / "state").is_dir()


def test_the_folder_of_an_earlier_cloud_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text("{}")
    (tmp_path / "outputs.json").write_text('{"aws_endpoint_url": "http://127.0.0.1:9"}')

    state_folder.prepare(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")

    with pytest.raises(state_folder.StateFolderRefused, match="not of an embedded cloud"):
        state_folder.prepare(tmp_path)

    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_the_folder_of_a_running_cloud_is_left_alone(tmp_path: Path) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "clock.json").write_text("{}")
    (tmp_path / "outputs.json").write_text(f'{{"aws_endpoint_url": "http://127.0.0.1:{server.server_port}"}}')

    try:
        with pytest.raises(state_folder.StateFolderRefused, match="is running"):
            state_folder.prepare(tmp_path)
    finally:
        server.shutdown()
        server.server_close()

    assert (tmp_path / "clock.json").exists()


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that http.server calls
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Say nothing."""
