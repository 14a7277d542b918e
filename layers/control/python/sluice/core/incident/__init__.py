"""What becomes of signals: incidents, who is called, and what people read of them. Pure."""
