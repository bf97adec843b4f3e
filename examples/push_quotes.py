#!/usr/bin/env python3
"""Pushes a random walk of prices to Foliostream, ten times a second, with nothing but Python's standard library.

    FOLIOSTREAM_INGEST_TOKEN=... python3 examples/push_quotes.py [TICKER [START]]

FOLIOSTREAM names any worker (default http://127.0.0.1:3000). A push is stored when it is answered. One that was not
answered may be stored all the same; it is sent again with its key, by which the server knows it and counts it once.
"""

import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid
from decimal import Decimal

SERVER = os.environ.get("FOLIOSTREAM", "http://127.0.0.1:3000")


def push(token: str, quotes: list[dict[str, str]]) -> dict[str, int]:
    """Pushes quotes, again and again while no engine takes them, and returns how many were accepted and ignored."""
    request = urllib.request.Request(
        f"{SERVER}/api/v1/quotes",
        data=json.dumps(quotes).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        },
    )
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503:
                sys.exit(f"refused: {refusal.read().decode()}")
        except OSError as error:
            print(f"not answered ({error}), again in a second", file=sys.stderr)
        time.sleep(1)


def main() -> None:
    token = os.environ.get("FOLIOSTREAM_INGEST_TOKEN") or sys.exit("set FOLIOSTREAM_INGEST_TOKEN to the server's token")
    ticker = sys.argv[1] if len(sys.argv) > 1 else "DEMO"
    price = Decimal(sys.argv[2] if len(sys.argv) > 2 else "100.00")
    while True:
        price = max(Decimal("0.01"), price + Decimal(random.randint(-10, 10)) / 100)
        push(token, [{"ticker": ticker, "price": str(price)}])
        time.sleep(0.1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
