"""What every player shares: the clock, the transport, the window over the canvas, and the films."""
