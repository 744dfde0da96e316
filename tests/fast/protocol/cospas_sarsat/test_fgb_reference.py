#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages strung together field after field as C/S T.001 Annex A lists them, by code that shares nothing with the
decoder's tables: a field that the tables had in a wrong place would come out wrong here."""
import random

from beacon_fields import BCH1, BCH2, bits, check_bits, compare, decode, five, letters, six

RANDOM = random.Random(406)
HOMING = ["none", "121.5 MHz", "9 GHz SART", "other"]


def message(first, second):
    """Bits 25 on as a line; a second field of 6 bits makes the short message."""
    assert len(first) == 61 and len(second) in (6, 26)
    whole = first + check_bits(first, BCH1) + second
    if len(second) == 26:
        whole += check_bits(second, BCH2)
    return "FFFE2F" + f"{int(whole, 2):0{len(whole) // 4}X}"


def place(step_s):
    """A position that the coding with such steps holds exactly, its coarse part in seconds, and what is expected."""
    found = []
    for limit in (90, 180):
        seconds = RANDOM.randrange(0, limit * 3600 // step_s) * step_s
        found.append((RANDOM.random() < 0.5 and seconds > 0, seconds))
    (south, lat), (west, lon) = found
    return found, {"lat_deg": (-lat if south else lat) / 3600, "lon_deg": (-lon if west else lon) / 3600}


def coarse(negative, seconds, widths, steps):
    """Flag and coarse figures nearest to the position, and what is left over in seconds."""
    step = 60 * steps[-1]
    near = (seconds + step // 2) // step * step
    figures, rest = "", near // 60
    for width, minutes in zip(widths, steps):
        figures += bits(rest // minutes, width)
        rest %= minutes
    return bits(negative, 1) + figures, seconds - near


def offset(seconds, minute_bits):
    return bits(seconds >= 0, 1) + bits(abs(seconds) // 60, minute_bits) + bits(abs(seconds) % 60 // 4, 4)


def coarse_and_offset(lat_form, lon_form, minute_bits):
    (lat, lon), expected = place(4)
    first_lat, left_lat = coarse(*lat, *lat_form)
    first_lon, left_lon = coarse(*lon, *lon_form)
    return first_lat + first_lon, offset(left_lat, minute_bits) + offset(left_lon, minute_bits), expected


def user(code, identity, expected, beacon):
    """User protocols (A2), short with an emergency field or long with a position (A3.3.4)."""
    country, homing = RANDOM.randrange(201, 776), RANDOM.randrange(4)
    head = bits(1, 1) + bits(country, 10) + code + identity + bits(homing, 2)
    expected = {**expected, "country": country, "homing": HOMING[homing], "beacon_type": beacon,
                "hex_id": f"{int(head, 2):015X}", "distress": "raised", "test": False}
    if RANDOM.random() < 0.5:
        automatic = RANDOM.randrange(2)
        kinds = {"EPIRB": (0b0110, "sinking"), "PLB": (0b0100, "medical help"), "ELT": (0b1000, "fire")}
        value, word = kinds[beacon]
        expected.update(activation=["manual", "automatic or manual"][automatic], emergency=word, format="short")
        return message("0" + head, "1" + bits(automatic, 1) + bits(value, 4)), expected
    (lat, lon), where = place(240)
    source = RANDOM.randrange(2)
    first, _ = coarse(*lat, (7, 4), (60, 4))
    second, _ = coarse(*lon, (8, 4), (60, 4))
    expected.update(where, position_source=["external", "internal"][source], format="long")
    return message("1" + head, bits(source, 1) + first + second), expected


def user_messages():
    number, tail = RANDOM.choice("0123456789ABCXYZ"), RANDOM.randrange(10 ** 6)
    sign = letters(RANDOM, 2) + str(RANDOM.randrange(1000, 9999))
    yield user("010", six(f"{tail:06d}") + six(number) + "00", {"beacon_protocol": "maritime user",
               "beacon_number": number, "mmsi_tail": tail}, "EPIRB")
    yield user("010", six(sign.rjust(6)) + six(number) + "00", {"beacon_protocol": "maritime user",
               "call_sign": sign}, "EPIRB")
    digits = RANDOM.randrange(4)
    long_sign = letters(RANDOM, 4) + "123"[:digits]
    yield user("110", six(long_sign[:4]) + "".join(bits(int(c), 4) for c in long_sign[4:]) +
               "1010" * (3 - digits) + six(number) + "00",
               {"beacon_protocol": "radio call sign user", "call_sign": long_sign}, "EPIRB")
    mark, which = letters(RANDOM, 1) + "-" + letters(RANDOM, RANDOM.randrange(1, 6)), RANDOM.randrange(4)
    yield user("001", six(mark.rjust(7)) + bits(which, 2),
               {"beacon_protocol": "aviation user", "aircraft_registration": mark, "elt_number": which}, "ELT")
    serial, tac, address = RANDOM.randrange(1 << 20), RANDOM.randrange(1 << 10), RANDOM.randrange(1 << 24)
    for kind, name, beacon in (("000", "ELT", "ELT"), ("010", "float-free EPIRB", "EPIRB"),
                               ("100", "non-float-free EPIRB", "EPIRB"), ("110", "PLB", "PLB")):
        yield user("011" + kind, "1" + bits(serial, 20) + bits(0, 10) + bits(tac, 10),
                   {"beacon_protocol": "serial user " + name, "serial_number": serial, "tac": tac}, beacon)
        yield user("011" + kind, "0" + bits(serial, 20) + bits(address >> 4, 20),
                   {"beacon_protocol": "serial user " + name, "serial_number": serial, "tac": None,
                    "national_use": f"{address >> 4:05X}"}, beacon)
    yield user("011011", "1" + bits(address, 24) + bits(which, 6) + bits(tac, 10),
               {"beacon_protocol": "serial user aircraft address", "aircraft_address": f"{address:06X}",
                "elt_number": which, "tac": tac}, "ELT")
    operator, own = letters(RANDOM, 3), RANDOM.randrange(1, 4096)
    yield user("011001", "1" + six(operator) + bits(own, 12) + bits(tac, 10),
               {"beacon_protocol": "serial user aircraft operator", "aircraft_operator": operator,
                "serial_number": own, "tac": tac}, "ELT")


def location(code, identity, places, rest, expected):
    """Location protocols (A3.3.5 to A3.3.8): rest is what stands in PDF-2 before the offsets."""
    country = RANDOM.randrange(201, 776)
    first, second, where = places
    head = bits(0, 1) + bits(country, 10) + code + identity
    expected = {**expected, **where, "country": country, "format": "long",
                "hex_id_with_position": f"{int(head + first, 2):015X}"}
    return message("1" + head + first, rest[0] + second + rest[1]), expected


def standard_messages():
    source, homing = RANDOM.randrange(2), RANDOM.randrange(2)
    rest = ("1101" + bits(source, 1) + bits(homing, 1), "")
    common = {"position_source": ["external", "internal"][source], "distress": "raised", "test": False,
              "homing": ["none or other", "121.5 MHz"][homing], "resolution_s": 4}

    def one(code, identity, name, **fields):
        return location(code, identity, coarse_and_offset(((9,), (15,)), ((10,), (15,)), 5), rest,
                        {**common, **fields, "beacon_protocol": "standard location " + name})
    tail, which = RANDOM.randrange(10 ** 6), RANDOM.randrange(16)
    tac, serial, address = RANDOM.randrange(1, 1024), RANDOM.randrange(1, 1 << 14), RANDOM.randrange(1 << 24)
    operator, own = letters(RANDOM, 3), RANDOM.randrange(1, 512)
    yield one("0010", bits(tail, 20) + bits(which, 4), "EPIRB MMSI", mmsi_tail=tail, beacon_number=which)
    yield one("0011", bits(address, 24), "ELT aircraft address", aircraft_address=f"{address:06X}")
    for code, name in (("0100", "ELT serial"), ("0110", "EPIRB serial"), ("0111", "PLB serial")):
        yield one(code, bits(tac, 10) + bits(serial, 14), name, tac=tac, serial_number=serial)
    yield one("0101", five(operator) + bits(own, 9), "ELT aircraft operator", aircraft_operator=operator,
              serial_number=own)
    yield one("1100", bits(tail, 20) + "0000", "ship security", mmsi_tail=tail, beacon_type="SSAS")
    yield one("1110", bits(address, 24), "test", test=True, distress=None)


def national_messages():
    for code, name, test in (("1000", "ELT", False), ("1010", "EPIRB", False), ("1011", "PLB", False),
                             ("1111", "test", True)):
        serial, use, homing = RANDOM.randrange(1 << 18), RANDOM.randrange(64), RANDOM.randrange(2)
        yield location(code, bits(serial, 18), coarse_and_offset(((7, 5), (60, 2)), ((8, 5), (60, 2)), 2),
                       ("1101" + "1" + bits(homing, 1), bits(use, 6)),
                       {"beacon_protocol": "national location " + name, "serial_number": serial, "test": test,
                        "homing": ["none or other", "121.5 MHz"][homing], "national_use": f"{use:02X}",
                        "distress": None if test else "raised", "position_source": "internal"})


def return_link_messages():
    for kind in range(4):
        flags = [RANDOM.randrange(2) for _ in range(5)]
        tac, serial, tail = RANDOM.randrange(1, 950), RANDOM.randrange(1, 1 << 14), RANDOM.randrange(10 ** 6)
        rest = ("1" + "".join(map(str, flags)) + "01", "")
        fields = {"test": kind == 3, "distress": "raised" if kind < 3 else None, "rls_provider": "Galileo",
                  "rls_accepts_automatic": bool(flags[1]), "rls_accepts_manual": bool(flags[2]),
                  "rls_received_automatic": bool(flags[3]), "rls_received_manual": bool(flags[4])}
        half = ((8,), (30,)), ((9,), (30,)), 4
        yield location("1101", bits(kind, 2) + bits(tac, 10) + bits(serial, 14), coarse_and_offset(*half), rest,
                       {**fields, "tac": tac + [2000, 1000, 3000, 0][kind], "serial_number": serial,
                        "beacon_protocol": "RLS location " + ["ELT", "EPIRB", "PLB", "test"][kind]})
        yield location("1101", bits(kind, 2) + "1111" + bits(tail, 20), coarse_and_offset(*half), rest,
                       {**fields, "mmsi_tail": tail, "beacon_protocol": "RLS location MMSI " +
                        ["first EPIRB", "second EPIRB", "PLB", "test"][kind]})


def distress_tracking_messages():
    half = ((8,), (30,)), ((9,), (30,)), 4
    address, operator, own = RANDOM.randrange(1, 1 << 23), letters(RANDOM, 3), RANDOM.randrange(1, 512)
    identities = [("00" + bits(address, 24), {"aircraft_address": f"{address:06X}"}, "aircraft address"),
                  ("01" + five(operator) + bits(own, 9), {"aircraft_operator": operator, "serial_number": own},
                   "aircraft operator"),
                  ("10" + bits(own, 10) + bits(own + 9, 14), {"tac": own, "serial_number": own + 9}, "serial")]
    for identity, fields, name in identities:
        fields = {**fields, "beacon_protocol": "ELT(DT) location " + name, "beacon_type": "ELT(DT)"}
        yield location("1001", identity, coarse_and_offset(*half), ("01" + "0100" + "11", ""),
                       {**fields, "activation": "automatic by the beacon", "altitude": "1600 to 2200 m",
                        "position_age": "up to 2 s", "distress": "raised", "test": False})
        head = "1" + "0" + bits(366, 10) + "1001" + identity
        yield (message(head + "111111010" + "1111111010", "00111100" + "011110000" + "011110000"),
               {**fields, "cancellation": True, "distress": "cancelled", "lat_deg": None})
        yield (message(head + "011111111" + "0111111111", "10" + "1111" + "00" + "000" + five("ZGA")),
               {**fields, "operator_3ld": "ZGA", "altitude": None, "distress": "raised", "lat_deg": None})
    for fill in "01":
        head = "1" + "0" + bits(366, 10) + "1001" + "00" + fill * 24
        yield (message(head + "011111111" + "0111111111", "00" + "1111" + "01" + "1" + "0000" + "1111" + "100001111"),
               {"test": True, "distress": None, "lat_deg": None})


def other_messages():
    use, rest = RANDOM.randrange(1 << 46), RANDOM.randrange(1 << 26)
    for code, name, test in (("100", "national user", False), ("111", "test user", True)):
        head = "1" + bits(366, 10) + code + bits(use, 46)
        yield (message("0" + head, bits(rest >> 20, 6)),
               {"beacon_protocol": name, "national_use": f"{use:012X}", "test": test,
                "distress": None if test else "raised"})
    head = "1" + bits(227, 10) + "000" + bits(use, 46)
    yield (message("1" + head, bits(rest, 26)), {"beacon_protocol": "orbitography", "distress": None,
                                                  "national_use_107": f"{rest:07X}"})


def main():
    wanted = []
    for _ in range(60):
        for make in (user_messages, standard_messages, national_messages, return_link_messages,
                     distress_tracking_messages, other_messages):
            wanted.extend(make())
    for (line, expected), found in zip(wanted, decode([line for line, _ in wanted])):
        if "mmsi_tail" in expected:
            expected["mmsi"] = found["country"] * 10 ** 6 + expected.pop("mmsi_tail")
        if "hex_id_with_position" not in found:  # a position that has the default's bits
            found["hex_id_with_position"] = found.get("hex_id")
        compare(line, expected, found)
    print(f"{len(wanted)} messages as they were strung together")


main()
