"""Pictures that a program draws: strokes, glyphs, scenes."""
