/* SPDX-License-Identifier: Apache-2.0 */
/* User and user-location protocols: T.001 A2 and A3.3.4, codes of Table A2-A. */
#include "layout.h"

/* A2.1 */
static const char *const homing_words[4] = {"none", "121.5 MHz", "9 GHz SART", "other"};
static const char *const activation_words[2] = {"manual", "automatic or manual"};
/* Table A4; the other codes are spare. */
static const char *const maritime_words[16] = {"unspecified distress",
                                               "fire or explosion",
                                               "flooding",
                                               "collision",
                                               "grounding",
                                               "listing, may capsize",
                                               "sinking",
                                               "disabled and adrift",
                                               "abandoning ship",
                                               NULL};
/* Table A5; bit 112 is spare, and some beacons set it. */
#define BOTH(text) text, text
static const char *const other_words[16] = {BOTH("unspecified distress"),
                                            BOTH("disabled"),
                                            BOTH("medical help"),
                                            BOTH("medical help, disabled"),
                                            BOTH("fire"),
                                            BOTH("fire, disabled"),
                                            BOTH("fire, medical help"),
                                            BOTH("fire, medical help, disabled")};

#define HOMING                                                                                               \
    {                                                                                                        \
        .name = "homing", .form = ITEM_WORD, .first = 84, .bits = 2, .words = homing_words                   \
    }
#define SPARE_82                                                                                             \
    {                                                                                                        \
        .name = "spare bits 82-83", .form = ITEM_FIXED, .first = 82, .bits = 2, .low = 0                     \
    }
#define BEACON_NUMBER                                                                                        \
    {                                                                                                        \
        .name = "beacon_number", .form = ITEM_BAUDOT, .first = 76, .bits = 6                                 \
    }
/* A2.5: what stands in bits 74-83 */
#define CERTIFICATE                                                                                          \
    {.name = "tac", .form = ITEM_PRESENT, .first = 43, .bits = 1},                                           \
    {                                                                                                        \
        .name = "tac", .form = ITEM_NUMBER, .first = 74, .bits = 10, .if_bit = 43, .if_value = 1             \
    }
#define NATIONAL_74                                                                                          \
    {                                                                                                        \
        .name = "national_use", .form = ITEM_HEX, .first = 74, .bits = 10, .if_bit = 43                      \
    }

static const struct item maritime[] = {
    {.name = "mmsi", .form = ITEM_SHIP, .first = 40, .bits = 36}, BEACON_NUMBER, SPARE_82, HOMING};
static const struct item call_sign[] = {
    {.name = "call_sign", .form = ITEM_CALL_SIGN, .first = 40, .bits = 36}, BEACON_NUMBER, SPARE_82, HOMING};
static const struct item aviation[] = {
    {.name = "aircraft_registration", .form = ITEM_BAUDOT, .first = 40, .bits = 42},
    {.name = "elt_number", .form = ITEM_NUMBER, .first = 82, .bits = 2},
    HOMING};
static const struct item serial[] = {
    CERTIFICATE,
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 44, .bits = 20},
    {.name = "national_use", .form = ITEM_HEX, .first = 64, .bits = 10, .if_bit = 43, .if_value = 1},
    {.name = "national_use", .form = ITEM_HEX, .first = 64, .bits = 20, .if_bit = 43},
    HOMING};
static const struct item serial_operator[] = {
    CERTIFICATE,
    NATIONAL_74,
    {.name = "aircraft_operator", .form = ITEM_BAUDOT, .first = 44, .bits = 18},
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 62, .bits = 12, .low = 1, .high = 4095},
    HOMING};
static const struct item serial_address[] = {
    CERTIFICATE,
    NATIONAL_74,
    {.name = "aircraft_address", .form = ITEM_HEX, .first = 44, .bits = 24},
    {.name = "elt_number", .form = ITEM_NUMBER, .first = 68, .bits = 6},
    HOMING};
static const struct item national[] = {{.name = "national_use", .form = ITEM_HEX, .first = 40, .bits = 46}};

/* A2.9; without an emergency code the last four bits are for national use. */
#define ACTIVATION                                                                                           \
    {                                                                                                        \
        .name = "activation", .form = ITEM_WORD, .first = 108, .bits = 1, .words = activation_words          \
    }
#define EMERGENCY(table)                                                                                     \
    {.name = "emergency", .form = ITEM_PRESENT, .first = 107, .bits = 1}, ACTIVATION,                        \
        {.name = "emergency",                                                                                \
         .form = ITEM_WORD,                                                                                  \
         .first = 109,                                                                                       \
         .bits = 4,                                                                                          \
         .if_bit = 107,                                                                                      \
         .if_value = 1,                                                                                      \
         .words = table},                                                                                    \
    {                                                                                                        \
        .name = "national_use_109", .form = ITEM_HEX, .first = 109, .bits = 4, .if_bit = 107                 \
    }
static const struct item maritime_rest[] = {EMERGENCY(maritime_words)};
static const struct item other_rest[] = {EMERGENCY(other_words)};
static const struct item national_short_rest[] = {
    {.name = "national_use_107", .form = ITEM_HEX, .first = 107, .bits = 6}};
static const struct item national_long_rest[] = {
    {.name = "national_use_107", .form = ITEM_HEX, .first = 107, .bits = 26}};
/* A3.3.4.3 */
static const struct item location_rest[] = {
    {.name = "position_source", .form = ITEM_WORD, .first = 107, .bits = 1, .words = layout_source_words}};
static const struct place_form user_place = {.lat = {.first = 108,
                                                     .high_bits = 7,
                                                     .high_step_min = 60,
                                                     .low_bits = 4,
                                                     .low_step_min = 4,
                                                     .limit_deg = 90},
                                             .lon = {.first = 120,
                                                     .high_bits = 8,
                                                     .high_step_min = 60,
                                                     .low_bits = 4,
                                                     .low_step_min = 4,
                                                     .limit_deg = 180}};

#define USER(NAME, BEACON, CODE, IDENTITY, REST)                                                             \
    {                                                                                                        \
        .name = NAME, .beacon = BEACON, .mark = {{37, 3, CODE}}, .user = true,                               \
        .identity = ITEM_LIST(IDENTITY), .short_rest = ITEM_LIST(REST),                                      \
        .long_rest = ITEM_LIST(location_rest), .place = &user_place                                          \
    }
#define SERIAL(NAME, BEACON, CODE, IDENTITY, REST)                                                           \
    {                                                                                                        \
        .name = NAME, .beacon = BEACON, .mark = {{37, 3, 3}, {40, 3, CODE}}, .user = true,                   \
        .identity = ITEM_LIST(IDENTITY), .short_rest = ITEM_LIST(REST),                                      \
        .long_rest = ITEM_LIST(location_rest), .place = &user_place                                          \
    }

const struct layout layout_user_table[] = {
    USER("maritime user", "EPIRB", 2, maritime, maritime_rest),
    USER("radio call sign user", "EPIRB", 6, call_sign, maritime_rest),
    USER("aviation user", "ELT", 1, aviation, other_rest),
    SERIAL("serial user ELT", "ELT", 0, serial, other_rest),
    SERIAL("serial user aircraft operator", "ELT", 1, serial_operator, other_rest),
    SERIAL("serial user float-free EPIRB", "EPIRB", 2, serial, maritime_rest),
    SERIAL("serial user aircraft address", "ELT", 3, serial_address, other_rest),
    SERIAL("serial user non-float-free EPIRB", "EPIRB", 4, serial, maritime_rest),
    SERIAL("serial user PLB", "PLB", 6, serial, other_rest),
    {.name = "test user",
     .meaning = LAYOUT_TEST,
     .mark = {{37, 3, 7}},
     .user = true,
     .identity = ITEM_LIST(national),
     .short_rest = ITEM_LIST(other_rest),
     .long_rest = ITEM_LIST(location_rest),
     .place = &user_place},
    {.name = "orbitography",
     .meaning = LAYOUT_CALIBRATION,
     .mark = {{37, 3, 0}},
     .user = true,
     .identity = ITEM_LIST(national),
     .short_rest = ITEM_LIST(national_short_rest),
     .long_rest = ITEM_LIST(national_long_rest)},
    {.name = "national user",
     .mark = {{37, 3, 4}},
     .user = true,
     .identity = ITEM_LIST(national),
     .short_rest = ITEM_LIST(national_short_rest),
     .long_rest = ITEM_LIST(national_long_rest)},
};
const size_t layout_user_count = sizeof layout_user_table / sizeof *layout_user_table;
