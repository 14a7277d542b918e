"""What says that production is not well: each is read again where it comes from, and handed to `take_signal`."""
