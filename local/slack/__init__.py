"""A local Slack: the Web API methods that Sluice calls, and real signed interactions from people who press buttons."""
