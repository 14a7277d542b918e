"""What alarms, monitors, endpoints and trails say of production, read into signals. Pure."""
