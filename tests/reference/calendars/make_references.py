"""Writes references.json: the weekdays on which XNYS was or will be closed, by exchange_calendars.

Run: see README.md in this folder.
"""

import json
import pathlib

import exchange_calendars
import pandas as pd

FIRST, LAST = "1972-01-01", "2029-12-31"

calendar = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
closed = pd.bdate_range(FIRST, LAST).difference(calendar.sessions)
references = {
    "library": f"exchange_calendars {exchange_calendars.__version__}",
    "first": FIRST,
    "last": LAST,
    "closedWeekdays": " ".join(day.strftime("%Y-%m-%d") for day in closed),
}
path = pathlib.Path(__file__).with_name("references.json")
path.write_text(json.dumps(references, indent=2) + "\n")
