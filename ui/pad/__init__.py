"""The pad, on which a picture is drawn."""
