# SPDX-License-Identifier: Apache-2.0
"""Parts of 406 MHz messages as strings of 0 and 1, after C/S T.001 and T.018, by code that shares nothing with the
decoder's tables; and what the program reads in such messages."""
import json
import os
import subprocess

LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [
    0b111000, 0b110011, 0b101110, 0b110010, 0b110000, 0b110110, 0b101011, 0b100101, 0b101100, 0b111010, 0b111110,
    0b101001, 0b100111, 0b100110, 0b100011, 0b101101, 0b111101, 0b101010, 0b110100, 0b100001, 0b111100, 0b101111,
    0b111001, 0b110111, 0b110101, 0b110001]))
FIGURES = dict(zip("0123456789 -/", [0b001101, 0b011101, 0b011001, 0b010000, 0b001010, 0b000001, 0b010101, 0b011100,
                                     0b001100, 0b000011, 0b100100, 0b011000, 0b010111]))
BAUDOT = {**LETTERS, **FIGURES}  # T.001 Table A3
BCH1, BCH2 = 0b1001101101100111100011, 0b1010100111001  # T.001 B.1, B.2
BCH = 0b1110001111110101110000101110111110011110010010111  # T.018 B.1


def bits(value, width):
    assert 0 <= value < 1 << width
    return f"{value:0{width}b}"


def six(text):
    return "".join(bits(BAUDOT[c], 6) for c in text)


def five(text):
    return "".join(bits(LETTERS[c] & 31, 5) for c in text)


def letters(chance, count):
    return "".join(chance.choice(list(LETTERS)) for _ in range(count))


def check(data, generator):
    """Remainder of the figure `data`, followed by zeros, divided by the generator (T.001 Annex B)."""
    length = generator.bit_length() - 1
    rest = data << length
    while rest.bit_length() > length:
        rest ^= generator << (rest.bit_length() - length - 1)
    return rest


def check_bits(data, generator):
    return bits(check(int(data, 2), generator), generator.bit_length() - 1)


def decode(lines):
    """What the program reads in each of these lines of hexadecimal digits."""
    done = subprocess.run([os.environ["ATALAYA_PROGRAM"], "decode", "--frames", "cospas-sarsat", "-"], text=True,
                          input="".join(line + "\n" for line in lines), capture_output=True, check=True)
    answers = done.stdout.splitlines()
    assert len(answers) == len(lines), done.stderr
    return [json.loads(answer) for answer in answers]


def same(expected, found):
    if isinstance(expected, float):
        return found is not None and abs(found - expected) < 2e-6  # JSON has six decimals
    return expected == found


def compare(line, expected, found):
    for key, value in expected.items():
        assert same(value, found.get(key)), (line, key, value, found)
    assert found.get("well_formed", True), (line, found)
