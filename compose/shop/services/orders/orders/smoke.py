"""Places an order and waits for its invoice: `python3 -m orders.smoke`, the stack's end-to-end check."""

import json
import sys
import time
import urllib.request

_ORDERS = "http://127.0.0.1:8000/orders"
_BUDGET = 10.0  # seconds


def main() -> int:
    """0 when billing wrote the invoice in time."""
    try:
        return _order_and_wait()
    except OSError as problem:
        print(f"orders does not take orders: {problem}", file=sys.stderr)
        return 1


def _order_and_wait() -> int:
    request = urllib.request.Request(_ORDERS, b'{"item": "smoke test"}', {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        order = json.load(answer)["id"]
    end = time.monotonic() + _BUDGET
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{_ORDERS}/{order}", timeout=5) as answer:
            invoice = json.load(answer)["invoice"]
        if invoice:
            print(f"order {order} has invoice {invoice['number']}")
            return 0
        time.sleep(0.1)
    print(f"order {order} has no invoice after {_BUDGET:g} seconds: is billing running?", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
