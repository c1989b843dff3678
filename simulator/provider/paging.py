"""Lists: filters by number, status and time, newest first, in pages that stay put while new items arrive."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from simulator.provider.errors import bad_request
from simulator.records import Record

R = TypeVar("R", bound=Record)

PAGE_SIZE = 50
LARGEST_PAGE = 1000


def within(moment: datetime | None, *, query: Mapping[str, str], name: str) -> bool:
    """Whether a moment meets the filters `name`, `name<` and `name>`, each inclusive as Twilio's are.

    A filter is a date or a date with time, in UTC; a date means the whole day. Raises ProviderError (400) on others.
    """
    for sign in ("", "<", ">"):
        if f"{name}{sign}" not in query:
            continue
        start, end = _span(query[f"{name}{sign}"], name)
        if moment is None:
            return False
        if (sign != "<" and moment < start) or (sign != ">" and moment >= end):
            return False
    return True


def page(
    *, records: Sequence[R], query: Mapping[str, str], path: str, name: str, show: Callable[[R], dict[str, Any]]
) -> dict[str, Any]:
    """One page of the list (newest first) with the addresses of its neighbours.

    The next page's `PageToken` names the last item of this one, so that items arriving in between shift nothing.
    """
    size = min(_number(query.get("PageSize"), "PageSize", PAGE_SIZE, lowest=1), LARGEST_PAGE)
    number = _number(query.get("Page"), "Page", 0, lowest=0)
    start = number * size
    token = query.get("PageToken", "")
    after = next((at for at, record in enumerate(records) if f"PA{record.sid}" == token), None)
    begin = start if after is None else after + 1
    shown = records[begin : begin + size]
    more = len(records) > begin + size

    def address(number: int, last: Record | None) -> str:
        asked = {key: value for key, value in query.items() if key not in {"PageSize", "Page", "PageToken"}}
        asked |= {"PageSize": str(size), "Page": str(number)}
        if last is not None:
            asked["PageToken"] = f"PA{last.sid}"
        return f"{path}?{urlencode(asked)}"

    before = records[begin - size - 1] if begin - size - 1 >= 0 else None
    return {
        name: [show(record) for record in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + len(shown) - 1 if shown else start,
        "uri": address(number, records[after] if after is not None else None),
        "first_page_uri": address(0, None),
        "next_page_uri": address(number + 1, shown[-1]) if more else None,
        "previous_page_uri": address(number - 1, before) if number > 0 else None,
    }


def _span(text: str, name: str) -> tuple[datetime, datetime]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(20001, f"{name} must be a date or a date with time, not {text}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment, moment + (timedelta(days=1) if len(text) <= 10 else timedelta(seconds=1))


def _number(text: str | None, name: str, default: int, *, lowest: int) -> int:
    if text is None:
        return default
    if not text.isdecimal() or int(text) < lowest:
        raise bad_request(20001, f"{name} must be a whole number from {lowest}, not {text}")
    return int(text)
