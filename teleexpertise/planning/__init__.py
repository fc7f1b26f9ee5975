"""What calendars tell others: when an answer may come, an expert's own feed, a subscription that fails."""
