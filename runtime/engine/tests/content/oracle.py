"""Numbers of payment cards and of bank accounts, valid and spoiled, each with python-stdnum's verdict: KIND, 1 or 0, NUMBER, one a line.

A card's beginning and length are chosen from a list of issuers, so that only the check digit is in question. An IBAN's verdict is whether its
country is known, its length is the country's, and its check digits hold; national formats are no part of it.
"""

import random
import re
import string

from stdnum import luhn, numdb
from stdnum.iso7064 import mod_97_10

RANDOM = random.Random(5)
ISSUERS = [
    ("4", [13, 16, 19]), ("51", [16]), ("55", [16]), ("2221", [16]), ("2720", [16]), ("34", [15]), ("37", [15]),
    ("300", [14, 16, 19]), ("305", [14]), ("3095", [14]), ("36", [14, 19]), ("38", [14]), ("39", [16]), ("3528", [16, 19]), ("3589", [16]),
    ("60", [16, 19]), ("62", [16, 17, 18, 19]), ("644", [16]), ("649", [19]), ("65", [16]), ("636", [16]), ("2200", [16]), ("2204", [19]),
    ("5018", [12, 13, 19]), ("5020", [12]), ("5038", [15]), ("5893", [12]), ("6304", [12, 19]), ("6759", [13]), ("6761", [12]), ("6763", [18]),
    ("506099", [16]), ("506198", [19]), ("81", [16]), ("82", [16]), ("508", [16]), ("9792", [16]),
]
IBANS = numdb.get("iban")
COUNTRIES = [a + b for a in string.ascii_uppercase for b in string.ascii_uppercase]


def digits(count):
    return "".join(RANDOM.choice(string.digits) for _ in range(count))


def spaced(number, sizes):
    """The number as it is, or in groups."""
    if RANDOM.random() < 0.5:
        return number
    separator = RANDOM.choice([" ", "-"])
    return separator.join(number[at:at + sizes] for at in range(0, len(number), sizes))


def spoiled(number, start):
    """The number with one or two characters exchanged for others of their kind, or two neighbours swapped, from a place on."""
    for _ in range(RANDOM.choice([1, 1, 2])):
        at = RANDOM.randrange(start, len(number) - 1)
        if RANDOM.random() < 0.3:
            number = number[:at] + number[at + 1] + number[at] + number[at + 2:]
        else:
            kind = string.digits if number[at].isdigit() else string.ascii_uppercase
            number = number[:at] + RANDOM.choice(kind) + number[at + 1:]
    return number


def card():
    beginning, lengths = RANDOM.choice(ISSUERS)
    body = beginning + digits(RANDOM.choice(lengths) - len(beginning) - 1)
    number = body + luhn.calc_check_digit(body)
    if RANDOM.random() < 0.5:
        number = spoiled(number, len(beginning))
    return number


def structure(number):
    """The characters that the number's country has, as kinds, or nothing."""
    found = IBANS.info(number)[0][1].get("bban")
    return [(int(count), kind) for count, kind in re.findall(r"(\d+)!([nac])", found)] if found else None


def iban_of(country):
    kinds = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits + string.ascii_uppercase}
    parts = structure(country + "00" + "0" * 30) or [(18, "n")]
    body = "".join(RANDOM.choice(kinds[kind]) for count, kind in parts for _ in range(count))
    return country + mod_97_10.calc_check_digits(body + country) + body


def iban():
    number = iban_of(RANDOM.choice(KNOWN) if RANDOM.random() < 0.9 else RANDOM.choice(COUNTRIES))
    change = RANDOM.random()
    if change < 0.35:
        return spoiled(number, 2)
    if change < 0.4:
        return number + digits(1)
    if change < 0.45:
        return number[:-1]
    return number


def iban_holds(number):
    parts = structure(number)
    length = 4 + sum(count for count, _ in parts) if parts else 0
    return len(number) == length and mod_97_10.is_valid(number[4:] + number[:4])


KNOWN = [country for country in COUNTRIES if structure(country + "00" + "0" * 30)]
for _ in range(6000):
    number = card()
    print("card", int(luhn.is_valid(number)), spaced(number, 4), sep="\t")
    number = iban()
    print("iban", int(iban_holds(number)), spaced(number, 4), sep="\t")
