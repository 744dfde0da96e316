/* SPDX-License-Identifier: Apache-2.0 */
/* Location protocols: T.001 A3.3.5 to A3.3.8, codes of Table A2-B. */
#include "layout.h"

static const char *const homing_words[2] = {"none or other", "121.5 MHz"};

/* A3.3.5.2 */
#define MMSI_41                                                                                              \
    {                                                                                                        \
        .name = "mmsi", .form = ITEM_MMSI, .first = 41, .bits = 20                                           \
    }
static const struct item standard_mmsi[] = {
    MMSI_41, {.name = "beacon_number", .form = ITEM_NUMBER, .first = 61, .bits = 4}};
static const struct item standard_security[] = {
    MMSI_41, {.name = "fixed bits 61-64", .form = ITEM_FIXED, .first = 61, .bits = 4}};
static const struct item standard_address[] = {
    {.name = "aircraft_address", .form = ITEM_HEX, .first = 41, .bits = 24}};
static const struct item standard_operator[] = {
    {.name = "aircraft_operator", .form = ITEM_BAUDOT_5, .first = 41, .bits = 15},
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 56, .bits = 9, .low = 1, .high = 511}};
static const struct item standard_serial[] = {
    {.name = "tac", .form = ITEM_NUMBER, .first = 41, .bits = 10, .low = 1, .high = 1023},
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 51, .bits = 14, .low = 1, .high = 16383}};
/* A test may carry any of these identities and does not say which. */
static const struct item standard_test[] = {
    {.name = "test_identity", .form = ITEM_HEX, .first = 41, .bits = 24}};
/* A3.3.6.1 */
static const struct item national_serial[] = {
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 41, .bits = 18}};
/* A3.3.7.1: the number of the type series is the thousands. */
#define RLS_NUMBER(series)                                                                                   \
    {                                                                                                        \
        .name = "tac", .form = ITEM_NUMBER, .first = 43, .bits = 10, .low = 1, .high = 959, .bias = series   \
    }
#define RLS_SERIAL                                                                                           \
    {                                                                                                        \
        .name = "serial_number", .form = ITEM_NUMBER, .first = 53, .bits = 14, .low = 1, .high = 16383       \
    }
static const struct item rls_elt[] = {RLS_NUMBER(2000), RLS_SERIAL};
static const struct item rls_epirb[] = {RLS_NUMBER(1000), RLS_SERIAL};
static const struct item rls_plb[] = {RLS_NUMBER(3000), RLS_SERIAL};
static const struct item rls_test[] = {RLS_NUMBER(0), RLS_SERIAL};
static const struct item rls_mmsi[] = {{.name = "mmsi", .form = ITEM_MMSI, .first = 47, .bits = 20}};
/* A3.3.8.1 */
static const struct item elt_dt_address[] = {
    {.name = "aircraft_address", .form = ITEM_HEX, .first = 43, .bits = 24}};
static const struct item elt_dt_operator[] = {
    {.name = "aircraft_operator", .form = ITEM_BAUDOT_5, .first = 43, .bits = 15},
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 58, .bits = 9, .low = 1, .high = 511}};
static const struct item elt_dt_serial[] = {
    {.name = "tac", .form = ITEM_NUMBER, .first = 43, .bits = 10, .low = 1, .high = 1023},
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 53, .bits = 14, .low = 1, .high = 16383}};
static const struct item elt_dt_test[] = {
    {.name = "identity_type", .form = ITEM_NUMBER, .first = 41, .bits = 2}};

#define SOURCE(bit)                                                                                          \
    {                                                                                                        \
        .name = "position_source", .form = ITEM_WORD, .first = bit, .bits = 1, .words = layout_source_words  \
    }
#define HOMING(bit)                                                                                          \
    {                                                                                                        \
        .name = "homing", .form = ITEM_WORD, .first = bit, .bits = 1, .words = homing_words                  \
    }
/* A3.3.5.4 */
static const struct item standard_rest[] = {
    {.name = "fixed bits 107-110", .form = ITEM_FIXED, .first = 107, .bits = 4, .low = 13},
    SOURCE(111),
    HOMING(112)};
/* A3.3.6.3 */
#define NATIONAL_REST                                                                                        \
    {.name = "fixed bits 107-109", .form = ITEM_FIXED, .first = 107, .bits = 3, .low = 6}, SOURCE(111),      \
        HOMING(112)
static const struct item national_short_rest[] = {NATIONAL_REST};
static const struct item national_rest[] = {
    NATIONAL_REST,
    {.name = "national_use_113", .form = ITEM_HEX, .first = 113, .bits = 14, .if_bit = 110},
    {.name = "national_use", .form = ITEM_HEX, .first = 127, .bits = 6}};
/* A3.3.7.2 */
static const char *const rls_providers[4] = {NULL, "Galileo", "GLONASS", "BDS"};
static const struct item rls_rest[] = {
    SOURCE(107),
    HOMING(108),
    {.name = "rls_accepts_automatic", .form = ITEM_FLAG, .first = 109, .bits = 1},
    {.name = "rls_accepts_manual", .form = ITEM_FLAG, .first = 110, .bits = 1},
    {.name = "rls_received_automatic", .form = ITEM_FLAG, .first = 111, .bits = 1},
    {.name = "rls_received_manual", .form = ITEM_FLAG, .first = 112, .bits = 1},
    {.name = "rls_provider", .form = ITEM_WORD, .first = 113, .bits = 2, .words = rls_providers}};
/* A3.3.8.3 */
static const char *const activations[4] = {"manual", "automatic by the beacon", "automatic by external means",
                                           NULL};
static const char *const altitudes[16] = {
    "up to 400 m",    "400 to 800 m",    "800 to 1200 m",  "1200 to 1600 m",
    "1600 to 2200 m", "2200 to 2800 m",  "2800 to 3400 m", "3400 to 4000 m",
    "4000 to 4800 m", "4800 to 5600 m",  "5600 to 6600 m", "6600 to 7600 m",
    "7600 to 8800 m", "8800 to 10000 m", "above 10000 m",  NULL};
static const char *const ages[4] = {NULL, "over 60 s or no position", "2 to 60 s", "up to 2 s"};
#define ELT_DT_COMMON                                                                                        \
    {.name = "activation", .form = ITEM_WORD, .first = 107, .bits = 2, .words = activations},                \
    {                                                                                                        \
        .name = "altitude", .form = ITEM_WORD, .first = 109, .bits = 4, .has_none = true, .none = 15,        \
        .words = altitudes                                                                                   \
    }
static const struct item elt_dt_rest[] = {ELT_DT_COMMON,
                                          {.name = "position_age",
                                           .form = ITEM_WORD,
                                           .first = 113,
                                           .bits = 2,
                                           .has_none = true,
                                           .none = 1,
                                           .words = ages}};
static const struct item operator_rest[] = {
    ELT_DT_COMMON,
    {.name = "rotating field type", .form = ITEM_FIXED, .first = 113, .bits = 5},
    {.name = "operator_3ld", .form = ITEM_BAUDOT_5, .first = 118, .bits = 15}};
const struct item_list layout_operator_rest = ITEM_LIST(operator_rest);

#define AXIS(FIRST, BITS, STEP, OFFSET, OFFSET_BITS, LIMIT)                                                  \
    {                                                                                                        \
        .first = FIRST, .high_bits = BITS, .high_step_min = STEP, .offset_first = OFFSET,                    \
        .offset_bits = OFFSET_BITS, .limit_deg = LIMIT                                                       \
    }
static const struct place_form standard_place = {.lat = AXIS(65, 9, 15, 113, 5, 90),
                                                 .lon = AXIS(75, 10, 15, 123, 5, 180)};
#define NATIONAL_AXIS(FIRST, BITS, OFFSET, LIMIT)                                                            \
    {                                                                                                        \
        .first = FIRST, .high_bits = BITS, .high_step_min = 60, .low_bits = 5, .low_step_min = 2,            \
        .offset_first = OFFSET, .offset_bits = 2, .offset_if = 110, .limit_deg = LIMIT                       \
    }
static const struct place_form national_place = {.lat = NATIONAL_AXIS(59, 7, 113, 90),
                                                 .lon = NATIONAL_AXIS(72, 8, 120, 180)};
static const struct place_form half_degree_place = {.lat = AXIS(67, 8, 30, 115, 4, 90),
                                                    .lon = AXIS(76, 9, 30, 124, 4, 180)};

#define STANDARD(NAME, BEACON, MEANING, CODE, IDENTITY)                                                      \
    {                                                                                                        \
        .name = "standard location " NAME, .beacon = BEACON, .meaning = MEANING, .mark = {{37, 4, CODE}},    \
        .identity = ITEM_LIST(IDENTITY), .short_rest = ITEM_LIST(standard_rest),                             \
        .long_rest = ITEM_LIST(standard_rest), .place = &standard_place                                      \
    }
#define NATIONAL(NAME, BEACON, MEANING, CODE)                                                                \
    {                                                                                                        \
        .name = "national location " NAME, .beacon = BEACON, .meaning = MEANING, .mark = {{37, 4, CODE}},    \
        .identity = ITEM_LIST(national_serial), .short_rest = ITEM_LIST(national_short_rest),                \
        .long_rest = ITEM_LIST(national_rest), .place = &national_place                                      \
    }
#define RLS_PARTS(IDENTITY)                                                                                  \
    .identity = ITEM_LIST(IDENTITY), .return_link = true, .long_rest = ITEM_LIST(rls_rest),                  \
    .place = &half_degree_place
#define RLS(NAME, BEACON, MEANING, TYPE, IDENTITY)                                                           \
    {                                                                                                        \
        .name = "RLS location " NAME, .beacon = BEACON, .meaning = MEANING,                                  \
        .mark = {{37, 4, 13}, {41, 2, TYPE}}, RLS_PARTS(IDENTITY)                                            \
    }
#define RLS_MMSI(NAME, BEACON, MEANING, TYPE)                                                                \
    {                                                                                                        \
        .name = "RLS location MMSI " NAME, .beacon = BEACON, .meaning = MEANING,                             \
        .mark = {{37, 4, 13}, {43, 4, 15}, {41, 2, TYPE}}, RLS_PARTS(rls_mmsi)                               \
    }
#define ELT_DT(NAME, MEANING, FIRST, BITS, VALUE, IDENTITY)                                                  \
    {                                                                                                        \
        .name = "ELT(DT) location " NAME, .beacon = "ELT(DT)", .meaning = MEANING,                           \
        .mark = {{37, 4, 9}, {FIRST, BITS, VALUE}}, .elt_dt = true, .identity = ITEM_LIST(IDENTITY),         \
        .long_rest = ITEM_LIST(elt_dt_rest), .place = &half_degree_place                                     \
    }

/* The first that fits counts: marks of more bits stand first. */
const struct layout layout_location_table[] = {
    STANDARD("EPIRB MMSI", "EPIRB", LAYOUT_DISTRESS, 2, standard_mmsi),
    STANDARD("ELT aircraft address", "ELT", LAYOUT_DISTRESS, 3, standard_address),
    STANDARD("ELT serial", "ELT", LAYOUT_DISTRESS, 4, standard_serial),
    STANDARD("ELT aircraft operator", "ELT", LAYOUT_DISTRESS, 5, standard_operator),
    STANDARD("EPIRB serial", "EPIRB", LAYOUT_DISTRESS, 6, standard_serial),
    STANDARD("PLB serial", "PLB", LAYOUT_DISTRESS, 7, standard_serial),
    STANDARD("ship security", "SSAS", LAYOUT_DISTRESS, 12, standard_security),
    STANDARD("test", NULL, LAYOUT_TEST, 14, standard_test),
    NATIONAL("ELT", "ELT", LAYOUT_DISTRESS, 8),
    NATIONAL("EPIRB", "EPIRB", LAYOUT_DISTRESS, 10),
    NATIONAL("PLB", "PLB", LAYOUT_DISTRESS, 11),
    NATIONAL("test", NULL, LAYOUT_TEST, 15),
    RLS_MMSI("first EPIRB", "EPIRB", LAYOUT_DISTRESS, 0),
    RLS_MMSI("second EPIRB", "EPIRB", LAYOUT_DISTRESS, 1),
    RLS_MMSI("PLB", "PLB", LAYOUT_DISTRESS, 2),
    RLS_MMSI("test", NULL, LAYOUT_TEST, 3),
    RLS("ELT", "ELT", LAYOUT_DISTRESS, 0, rls_elt),
    RLS("EPIRB", "EPIRB", LAYOUT_DISTRESS, 1, rls_epirb),
    RLS("PLB", "PLB", LAYOUT_DISTRESS, 2, rls_plb),
    RLS("test", NULL, LAYOUT_TEST, 3, rls_test),
    ELT_DT("test (zeros)", LAYOUT_TEST, 43, 24, 0, elt_dt_test),
    ELT_DT("test (ones)", LAYOUT_TEST, 43, 24, 0xffffff, elt_dt_test),
    ELT_DT("aircraft address", LAYOUT_DISTRESS, 41, 2, 0, elt_dt_address),
    ELT_DT("aircraft operator", LAYOUT_DISTRESS, 41, 2, 1, elt_dt_operator),
    ELT_DT("serial", LAYOUT_DISTRESS, 41, 2, 2, elt_dt_serial),
};
const size_t layout_location_count = sizeof layout_location_table / sizeof *layout_location_table;
