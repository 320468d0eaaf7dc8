"""The forms of digits and figures, as a hand learns them: control points of pen strokes.

A form is written as strokes, between which the pen is lifted (``/``); a stroke as the points that a
smooth curve passes through, ``x,y`` in hundredths of a unit square, x to the right and y downwards.
A point given twice is a corner: the pen stops there and goes on in another direction.
"""

from typing import NamedTuple

Point = tuple[float, float]


class Form(NamedTuple):
    """One way to write a class.

    Attributes:
        label: its class, as in the registry's ``classes``.
        weight: how common it is among the forms of its class.
        aspect: width over height as it is mostly written.
        path: the strokes, in the notation above.
    """

    label: int
    weight: float
    aspect: float
    path: str

    @property
    def strokes(self) -> list[list[Point]]:
        """The points of each stroke, in 0..1."""
        return [
            [
                (int(x) / 100, int(y) / 100)
                for x, y in (point.split(",") for point in stroke.split())
            ]
            for stroke in self.path.split("/")
        ]


# Sorted by label.
FORMS = [
    # 0: closed, closed with the end over the beginning, and not quite closed.
    Form(0, 0.5, 0.75, "58,0 28,8 6,38 8,70 34,98 68,95 93,66 92,32 72,6 50,0"),
    Form(0, 0.3, 0.7, "45,3 16,20 3,55 20,92 55,100 88,78 98,42 80,10 52,2 32,16"),
    Form(0, 0.2, 0.7, "72,12 42,2 12,25 2,60 22,95 58,98 90,72 97,36 78,8 60,0"),
    # 1: a stroke, with a serif, and with a foot.
    Form(1, 0.65, 0.12, "55,0 50,33 50,67 45,100"),
    Form(1, 0.25, 0.35, "5,28 40,14 72,0 72,0 70,33 70,67 70,100"),
    Form(1, 0.1, 0.5, "15,24 36,14 55,0 55,0 54,35 53,68 52,100 / 8,100 50,99 95,98"),
    # 2: with a corner at the foot, with a loop, and with a wavy foot.
    Form(2, 0.4, 0.8, "6,26 26,5 60,0 84,17 76,44 42,76 5,100 5,100 50,97 98,96"),
    Form(2, 0.4, 0.85, "8,20 32,2 66,5 78,28 62,58 30,90 8,97 6,82 26,76 52,90 78,100 100,90"),
    Form(2, 0.2, 0.75, "10,12 42,0 80,10 84,36 58,66 14,94 14,94 42,86 70,98 98,90"),
    # 3: two bowls meeting in a corner, in a small loop, and with a flat top.
    Form(3, 0.55, 0.7, "8,12 36,0 72,6 80,26 58,44 32,48 32,48 70,52 92,72 76,94 40,100 4,88"),
    Form(3, 0.3, 0.7, "10,10 42,0 78,12 76,36 48,50 36,46 50,44 84,58 90,82 58,100 22,97 2,84"),
    Form(3, 0.15, 0.75, "8,4 46,3 86,0 86,0 62,22 38,42 38,42 74,46 94,68 76,94 38,100 2,90"),
    # 4: open, closed, and in one stroke.
    Form(4, 0.5, 0.75, "16,4 10,26 6,50 22,58 50,54 84,46 / 86,0 80,34 76,67 72,100"),
    Form(4, 0.25, 0.75, "66,0 38,30 4,62 4,62 50,64 100,62 / 68,2 68,35 67,68 66,100"),
    Form(4, 0.25, 0.7, "14,5 8,28 16,47 42,50 70,38 90,2 90,2 84,35 80,68 76,100"),
    # 5: the bar last, the bar first, and flowing.
    Form(
        5, 0.5, 0.75, "24,5 18,25 14,44 14,44 48,36 80,52 84,78 56,99 26,100 2,88 / 24,5 55,4 95,0"
    ),
    Form(5, 0.3, 0.8, "98,0 62,3 28,5 28,5 20,24 14,46 14,46 50,40 80,56 80,82 50,100 4,94"),
    Form(5, 0.2, 0.7, "95,2 60,2 34,10 22,30 40,44 70,56 82,78 60,97 30,100 6,90"),
    # 6: a curved stem, a straight stem, and a loop that crosses it.
    Form(6, 0.5, 0.65, "76,2 44,18 16,46 5,74 22,97 56,99 84,82 80,62 54,54 24,66 10,84"),
    Form(6, 0.3, 0.55, "42,0 22,28 8,60 10,88 40,100 76,90 86,68 60,54 28,62 12,76"),
    Form(6, 0.2, 0.75, "96,4 60,10 24,36 6,70 24,98 62,98 86,78 72,56 42,58 16,72 0,80"),
    # 7: plain, with a bar through the stem, and with a serif.
    Form(7, 0.6, 0.7, "4,8 44,6 92,2 92,2 74,34 56,66 44,100"),
    Form(7, 0.2, 0.75, "6,6 48,5 90,0 90,0 70,34 52,66 40,100 / 24,54 56,52 92,48"),
    Form(7, 0.2, 0.7, "2,26 6,6 6,6 40,10 70,10 94,2 94,2 86,30 70,64 62,100"),
    # 8: one stroke from the top right, one from the middle, and two rings.
    Form(
        8,
        0.55,
        0.6,
        "86,14 56,0 20,10 16,30 48,48 80,66 82,88 48,100 12,88 16,68 50,46 80,28 88,10",
    ),
    Form(
        8,
        0.25,
        0.6,
        "50,48 20,32 22,10 52,0 80,12 76,34 50,50 16,70 14,90 46,100 82,90 82,68 52,48",
    ),
    Form(
        8,
        0.2,
        0.6,
        "52,46 22,34 24,10 52,0 78,12 76,36 50,47 / 50,46 14,62 14,88 48,100 84,88 84,62 52,46",
    ),
    # 9: a straight stem, a curved one, and one that the ring runs into.
    Form(9, 0.45, 0.6, "84,12 56,0 20,12 10,34 34,48 66,40 86,8 86,8 82,38 78,70 74,100"),
    Form(9, 0.3, 0.65, "82,20 58,2 22,10 10,32 32,46 68,38 84,16 86,44 74,80 46,99 10,92"),
    Form(9, 0.25, 0.55, "74,6 36,4 10,26 22,46 56,42 84,20 78,6 78,36 66,70 50,100"),
    # The figures: triangle, square, star, heart, spiral.
    Form(10, 0.6, 1.05, "50,0 26,48 0,96 0,96 50,98 100,94 100,94 76,46 50,0"),
    Form(10, 0.4, 1.05, "2,96 26,46 52,0 52,0 76,50 98,98 / 0,96 50,97 100,98"),
    Form(11, 0.6, 1.0, "4,2 2,50 4,98 4,98 50,98 98,97 98,97 98,50 96,3 96,3 50,1 2,0"),
    Form(11, 0.4, 1.0, "5,0 4,50 3,100 3,100 50,98 97,97 / 3,3 50,0 95,2 95,2 97,50 98,100"),
    Form(
        12,
        1.0,
        1.0,
        "18,100 34,50 50,0 50,0 66,50 82,100 82,100 41,69 0,38 0,38 50,37 100,38 100,38 "
        "59,69 18,100",
    ),
    Form(13, 0.6, 1.05, "50,24 32,4 8,10 2,38 24,70 50,100 50,100 76,70 98,38 92,10 68,4 50,24"),
    Form(13, 0.4, 1.05, "50,20 28,0 4,14 6,46 28,74 50,100 / 50,22 70,2 95,12 96,42 74,74 48,100"),
    Form(14, 0.6, 1.0, "50,48 60,42 66,56 48,65 31,46 44,20 76,20 94,50 76,86 36,94 6,68 3,32"),
    Form(14, 0.4, 1.0, "50,50 40,46 37,62 56,70 74,50 60,22 28,18 5,46 16,84 54,100 94,84"),
]
