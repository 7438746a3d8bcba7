"""Colours that the colour-blind distinguish: Okabe & Ito 2008, jfly.uni-koeln.de/color.

The yellow is left out because it is too light for lines on white.
"""

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PINK = "#CC79A7"
GREY = "#777777"

PALETTE = (BLUE, VERMILION, GREEN, ORANGE, SKY, PINK, BLACK, GREY)  # in this order where colours need no meaning
