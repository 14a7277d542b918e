"""Pure decisions: values in, one frozen value out."""
