"""Pushes quotes, and makes, reads, changes and deletes an alert with the client that was generated from the server's OpenAPI document.

    client.py http://127.0.0.1:3000        (the folder of the generated package `folio_client` is on PYTHONPATH)
"""

import sys

from folio_client import AuthenticatedClient
from folio_client.api.alerts import create_alert, delete_alert, list_alerts, show_alert, update_alert
from folio_client.api.quotes import list_quotes, push_quotes
from folio_client.models import (
    AlertDraft, AlertDraftCondition, AlertPatch, AlertView, AlertViewCondition, AlertViewState, Problem, QuoteDraft,
)

client = AuthenticatedClient(base_url=sys.argv[1], token="t0ken")

pushed = push_quotes.sync(client=client, body=[QuoteDraft(ticker="CLIENT", price="150.00", currency="USD")])
assert pushed.accepted == 1, pushed
quotes = list_quotes.sync(client=client, tickers="CLIENT")
assert [quote.price for quote in quotes] == ["150.00"], quotes
for price in ("151.00", "152.00", "151.00"):
    body = [QuoteDraft(ticker="CLIENT", price=price, currency="USD")]
    repeated = push_quotes.sync(client=client, body=body, idempotency_key="one-push")
    if price == "152.00":
        assert isinstance(repeated, Problem) and repeated.field == "Idempotency-Key", repeated
    else:
        assert repeated.accepted == 1, repeated

draft = AlertDraft(ticker="CLIENT", condition=AlertDraftCondition.CROSSES_ABOVE, threshold="160", note="written by a client")
made = create_alert.sync(client=client, body=draft)
assert isinstance(made, AlertView), made
assert (made.condition, made.state) == (AlertViewCondition.CROSSES_ABOVE, AlertViewState.ARMED), made

read = show_alert.sync(made.id, client=client)
assert read == made, (read, made)
assert made.id in [alert.id for alert in list_alerts.sync(client=client)]

changed = update_alert.sync(made.id, client=client, body=AlertPatch(threshold="170"), if_match=f'"{made.revision}"')
assert isinstance(changed, AlertView) and changed.threshold == "170", changed
late = update_alert.sync(made.id, client=client, body=AlertPatch(threshold="180"), if_match=f'"{made.revision}"')
assert isinstance(late, Problem) and late.status == 412, late
refused = create_alert.sync(client=client, body=AlertDraft(ticker="CLIENT", condition=AlertDraftCondition.CROSSES_ABOVE, threshold="-1"))
assert isinstance(refused, Problem) and (refused.status, refused.field) == (422, "threshold"), refused

assert delete_alert.sync_detailed(made.id, client=client).status_code == 204
gone = show_alert.sync(made.id, client=client)
assert isinstance(gone, Problem) and gone.status == 404, gone
print("a generated client made, read, changed and deleted an alert")
