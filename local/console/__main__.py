"""`python -m local.console OUTPUTS.json [PORT]`: the console of an embedded cloud that runs elsewhere."""

import contextlib
import json
import sys
import threading
from pathlib import Path

from local.console import server


def main() -> None:
    """Serve until interrupted."""
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    console = server.start(json.loads(Path(sys.argv[1]).read_text()), port=port)
    print(f"Open {console.url}")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    console.stop()


if __name__ == "__main__":
    main()
