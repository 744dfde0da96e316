#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Second generation messages strung together field after field as C/S T.018 Table 3.1 and Tables 3.3 to 3.9 list
them, by code that shares nothing with the decoder's tables."""
import random

from beacon_fields import BCH, bits, check_bits, compare, decode, five, letters, six

RANDOM = random.Random(250)
DOP = ["up to 1", "1 to 2", "2 to 3", "3 to 4", "4 to 5", "5 to 6", "6 to 7", "7 to 8", "8 to 10", "10 to 12",
       "12 to 15", "15 to 20", "20 to 30", "30 to 50", "above 50", None]
BATTERY = ["up to 5 %", "5 to 10 %", "10 to 25 %", "25 to 50 %", "50 to 75 %", "75 to 100 %", None, None]


def vessel():
    """Type and identity (47 bits) with what they say."""
    number, operator = RANDOM.randrange(1 << 24), letters(RANDOM, 3)
    return RANDOM.choice([
        lambda: ("000" + bits(0, 44), {"vessel_id_type": "none", "national_use": None}),
        lambda: ("001" + bits(366000000 + number % 10 ** 6, 30) + bits(number % 10000, 14),
                 {"mmsi": 366000000 + number % 10 ** 6, "ais_epirb_last_digits": number % 10000}),
        lambda: ("001" + bits(111111, 30) + "10101010101010", {"mmsi": None, "ais_epirb_last_digits": None}),
        lambda: ("010" + six("WX17".ljust(7)) + "00", {"call_sign": "WX17"}),
        lambda: ("011" + six(("N-" + operator).rjust(7)) + "00", {"aircraft_registration": "N-" + operator}),
        lambda: ("011" + six(" " * 7) + "00", {"aircraft_registration": None}),
        lambda: ("100" + bits(number, 24) + bits(0, 20), {"aircraft_address": f"{number:06X}", "operator_3ld": None}),
        lambda: ("100" + bits(number, 24) + five(operator) + "00000",
                 {"aircraft_address": f"{number:06X}", "operator_3ld": operator}),
        lambda: ("101" + five(operator) + bits(number % 4095 + 1, 12) + "1" * 17,
                 {"aircraft_operator": operator, "operator_serial_number": number % 4095 + 1})])()


def general():
    hours, age, steps, hdop, vdop = (RANDOM.randrange(n) for n in (64, 2048, 1024, 16, 16))
    how, battery, fix = RANDOM.randrange(3), RANDOM.randrange(8), RANDOM.randrange(3)
    return ("0000" + bits(hours, 6) + bits(age, 11) + bits(steps, 10) + bits(hdop, 4) + bits(vdop, 4) + bits(how, 2) +
            bits(battery, 3) + bits(fix, 2) + "00",
            {"rotating_field_number": 0, "hours_active": hours, "position_age_min": age if age < 2047 else None,
             "alt_m": steps * 16.0 - 400 if steps < 1023 else None, "hdop": DOP[hdop], "vdop": DOP[vdop],
             "activation": ["manual", "automatic by the beacon", "automatic by external means"][how],
             "battery": BATTERY[battery], "gnss_fix": ["none", "2D", "3D"][fix]})


def tracking():
    seconds, steps, battery = RANDOM.randrange(86400), RANDOM.randrange(1024), RANDOM.randrange(4)
    trigger = RANDOM.choice([1, 4, 8])
    return ("0001" + bits(seconds, 17) + bits(steps, 10) + bits(trigger, 4) + "10" + bits(battery, 2) + "0" * 9,
            {"rotating_field_number": 1, "position_time_s": seconds, "fix_hour": seconds // 3600,
             "fix_minute": seconds // 60 % 60, "fix_second": seconds % 60, "gnss_fix": "3D",
             "alt_m": steps * 16.0 - 400 if steps < 1023 else None,
             "trigger": {1: "manual by the crew", 4: "G-switch or deformation",
                         8: "avionics or triggering system"}[trigger],
             "battery": ["up to 33 %", "33 to 66 %", "above 66 %", None][battery]})


def return_link():
    link, automatic, manual, got = RANDOM.randrange(1 << 20), *(RANDOM.randrange(2) for _ in range(3))
    return ("0010" + "00" + bits(automatic, 1) + bits(manual, 1) + "0000" + "001" + bits(got, 1) + "0" +
            bits(link if got else 0, 20) + "0" * 11,
            {"rotating_field_number": 2, "rls_provider": "Galileo", "rls_accepts_automatic": bool(automatic),
             "rls_accepts_manual": bool(manual), "rls_received_automatic": bool(got), "rls_received_manual": False,
             "return_link_message": f"{link:05X}" if got else None})


def national():
    use = RANDOM.randrange(1 << 44)
    return "0011" + bits(use, 44), {"rotating_field_number": 3, "national_use_159": f"{use:011X}"}


def two_way():
    version, got = RANDOM.randrange(32), RANDOM.randrange(2)
    slots = [(RANDOM.randrange(128), RANDOM.randrange(16)) for _ in range(3)]
    expected = {"rotating_field_number": 4, "rls_provider": "BDS", "database_version": version,
                "two_way_acknowledged": bool(got)}
    for name, (question, answer) in zip("abc", slots):
        expected.update({"question_" + name: question, "answer_" + name: answer})
    return "0100011" + bits(version, 5) + bits(got, 1) + "00" + "".join(bits(q, 7) + bits(a, 4) for q, a in slots), expected


def cancellation():
    how = RANDOM.choice(["10", "01"])
    return "1111" + "1" * 42 + how, {"rotating_field_number": 15, "distress": "cancelled",
                                     "deactivation": {"10": "manual", "01": "automatic by external means"}[how]}


def coordinate(limit, width):
    figure, negative = RANDOM.randrange(1, (limit << 15) + 1), RANDOM.randrange(2)
    return bits(negative, 1) + bits(figure, width + 15), figure / 32768 * (-1 if negative else 1)


def make():
    tac, serial, country = RANDOM.randrange(65521), RANDOM.randrange(1 << 14), RANDOM.randrange(201, 776)
    homing, rls, test, kind = (RANDOM.randrange(n) for n in (2, 2, 2, 4))
    name, says = vessel()
    rotating, more = RANDOM.choice([general, tracking, return_link, national, two_way, cancellation])()
    spare = "0" * 14 if rotating.startswith("1111") else "1" * 14
    expected = {"generation": 2, "tac": tac, "serial_number": serial, "country": country, **says,
                "homing_enabled": bool(homing), "rls_enabled": bool(rls), "test": bool(test), "distress": "raised",
                "beacon_type": ["ELT", "EPIRB", "PLB", "ELT(DT)"][kind], **more}
    if test:
        expected["distress"] = None
    chosen = RANDOM.randrange(4)
    if chosen == 0:  # C.3: not known
        where = "01111111000001111100000" + "011111111111110000011111"
        expected.update(lat_deg=None, position_capability=None)
    elif chosen == 1:  # Table 3.1: never known
        where = "11111111000001111100000" + "111111111111110000011111"
        expected.update(lat_deg=None, position_capability=False)
    else:
        lat, expected["lat_deg"] = coordinate(90, 7)
        lon, expected["lon_deg"] = coordinate(180, 8)
        where = lat + lon
    data = (bits(tac, 16) + bits(serial, 14) + bits(country, 10) + bits(homing, 1) + bits(rls, 1) + bits(test, 1) +
            where + name + bits(kind, 3) + spare + rotating)
    assert len(data) == 202
    identity = "1" + bits(country, 10) + "101" + bits(tac, 16) + bits(serial, 14) + bits(test, 1) + name
    expected["hex_id"] = f"{int(identity, 2):023X}"
    whole = data + check_bits(data, BCH)
    for _ in range(RANDOM.randrange(7)):  # up to six wrong bits; the same one twice is none
        at = RANDOM.randrange(250)
        whole = whole[:at] + ("1" if whole[at] == "0" else "0") + whole[at + 1:]
    return f"{int(RANDOM.choice(['00' + whole, whole + '00']), 2):063X}", expected


def main():
    wanted = [make() for _ in range(2000)]
    for (line, expected), found in zip(wanted, decode([line for line, _ in wanted])):
        compare(line, expected, found)
    print(f"{len(wanted)} messages as they were strung together")


main()
