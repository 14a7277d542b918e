"""A local PagerDuty: the Events API v2 as far as pages need it, people who respond, and webhooks V3."""
