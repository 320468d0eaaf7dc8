"""How networks learn: the loop, Adam and its schedule, the device."""
