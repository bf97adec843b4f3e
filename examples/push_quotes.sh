#!/usr/bin/env bash
# Two ways for a program to bring prices. Usage: examples/push_quotes.sh TICKER PRICE
#   over HTTP, to any worker: answered when it is stored; where no answer comes it is sent again with its key, and counts once
#     FOLIOSTREAM_INGEST_TOKEN=… [FOLIOSTREAM=http://127.0.0.1:3000] examples/push_quotes.sh AAPL 189.84
#   through Redis, for an installation of several workers: no answer, nothing to wait for
#     REDIS=redis://127.0.0.1:6379 examples/push_quotes.sh AAPL 189.84
set -euo pipefail
[ "$#" = 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64; }
ticker="$1" price="$2"
if [ -n "${REDIS:-}" ]; then
  redis-cli -u "$REDIS" XADD '{foliostream}:feed:quotes' MAXLEN '~' 10000 '*' ticker "$ticker" price "$price"
else
  curl --fail-with-body --silent --show-error "${FOLIOSTREAM:-http://127.0.0.1:3000}/api/v1/quotes" \
    --header "Authorization: Bearer ${FOLIOSTREAM_INGEST_TOKEN:?the token the server was started with}" \
    --header 'Content-Type: application/json' --header "Idempotency-Key: $(date +%s%N)-$$" \
    --retry 5 --retry-connrefused \
    --data "[{\"ticker\":\"$ticker\",\"price\":\"$price\"}]"
  echo
fi
