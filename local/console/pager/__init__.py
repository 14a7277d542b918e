"""The pager view: what reached people outside Slack, and what they can do about it there."""
