"""The training of Watchword detectors. Never on the device."""
