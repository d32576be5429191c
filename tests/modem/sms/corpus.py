"""Texts that have broken SMS encoders: lengths at the limits, every character, pairs at borders."""

from __future__ import annotations

import random

GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "^{}\\[~]|€"
FRENCH_OUTSIDE = "’êçœÿâîôûëïÀÈÊÔ«»“”…–° "


def _texts() -> list[str]:
    rng = random.Random(1755)
    texts = list(GSM7 + EXTENDED + FRENCH_OUTSIDE)
    texts += ["a" * length for length in (1, 7, 8, 9, 159, 160, 161, 305, 306, 307, 459, 460)]
    texts += ["ê" * length for length in (1, 69, 70, 71, 133, 134, 135, 201, 202)]
    for before in range(148, 162):
        texts += ["b" * before + "€uro" + "c" * 20, "b" * before + "€" * 10]
    for before in range(63, 72):
        texts += ["é" + "ç" * before + "😀🚒" * 6, "ç" * before + "👨‍👩‍👧" * 4]
    texts += ["@" * count for count in (7, 8, 9, 16, 153, 160, 161, 170)]
    texts += ["x" * count + "€" for count in range(1, 17)] + ["é@" * 5, "fin\r\n", "\n", "\r"]
    texts += ["L'Haÿ-les-Roses : évacuation immédiate !", "Crue de l’Ornaise… restez « chez vous »"]
    for _ in range(90):
        alphabet = rng.choice((GSM7, GSM7 + EXTENDED, GSM7 + FRENCH_OUTSIDE, "aé😀ç👍🏽"))
        texts.append("".join(rng.choices(alphabet, k=rng.randint(1, 320))))
    return texts


#: A few hundred texts, the same in each run.
TEXTS = tuple(_texts())
