"""The webhooks of others: where Sluice posts its pages to, in the embedded cloud."""
