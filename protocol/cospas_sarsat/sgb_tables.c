/* SPDX-License-Identifier: Apache-2.0 */
/* T.018 Table 3.1 and Tables 3.3 to 3.9. */
#include "sgb_tables.h"

/* Table 3.1 */
static const char *const vessel_words[8] = {
    "none", "MMSI",       "radio call sign", "aircraft registration", "aircraft address", "aircraft operator",
    NULL,   "system test"};
static const char *const beacon_words[8] = {"ELT", "EPIRB", "PLB", "ELT(DT)",
                                            NULL,  NULL,    NULL,  "system beacon"};

static const struct item identity[] = {
    {.name = "tac", .form = ITEM_NUMBER, .first = 1, .bits = 16},
    {.name = "serial_number", .form = ITEM_NUMBER, .first = 17, .bits = 14},
    {.name = "country", .form = ITEM_COUNTRY, .first = 31, .bits = 10, .low = 200, .high = 799},
    {.name = "vessel_id_type", .form = ITEM_WORD, .first = 91, .bits = 3, .words = vessel_words}};
const struct item_list sgb_identity = ITEM_LIST(identity);

static const struct item state[] = {
    {.name = "homing_enabled", .form = ITEM_FLAG, .first = 41, .bits = 1},
    {.name = "rls_enabled", .form = ITEM_FLAG, .first = 42, .bits = 1},
    {.name = "test_protocol", .form = ITEM_FLAG, .first = 43, .bits = 1},
    {.name = "beacon_type", .form = ITEM_WORD, .first = 138, .bits = 3, .words = beacon_words}};
const struct item_list sgb_state = ITEM_LIST(state);

static const struct item vessel_none[] = {
    {.name = "national_use", .form = ITEM_HEX, .first = 94, .bits = 44, .has_none = true}};
static const struct item vessel_mmsi[] = {{.name = "mmsi",
                                           .form = ITEM_NUMBER,
                                           .first = 94,
                                           .bits = 30,
                                           .high = 999999999,
                                           .has_none = true,
                                           .none = 111111},
                                          {.name = "ais_epirb_last_digits",
                                           .form = ITEM_NUMBER,
                                           .first = 124,
                                           .bits = 14,
                                           .high = 9999,
                                           .has_none = true,
                                           .none = 10922}};
#define BLANK 36 /* the code of a space, Table 3.2 */
#define SPARE_136                                                                                            \
    {                                                                                                        \
        .name = "spare bits 136-137", .form = ITEM_FIXED, .first = 136, .bits = 2                            \
    }
static const struct item vessel_call_sign[] = {
    {.name = "call_sign", .form = ITEM_BAUDOT_LEFT, .first = 94, .bits = 42, .has_none = true, .none = BLANK},
    SPARE_136};
static const struct item vessel_registration[] = {{.name = "aircraft_registration",
                                                   .form = ITEM_BAUDOT,
                                                   .first = 94,
                                                   .bits = 42,
                                                   .has_none = true,
                                                   .none = BLANK},
                                                  SPARE_136};
static const struct item vessel_address[] = {
    {.name = "aircraft_address", .form = ITEM_HEX, .first = 94, .bits = 24},
    {.name = "operator_3ld", .form = ITEM_BAUDOT_5, .first = 118, .bits = 15, .has_none = true},
    {.name = "spare bits 133-137", .form = ITEM_FIXED, .first = 133, .bits = 5}};
/* The spare bits at the end were zeros in earlier issues. */
static const struct item vessel_operator[] = {
    {.name = "aircraft_operator", .form = ITEM_BAUDOT_5, .first = 94, .bits = 15},
    {.name = "operator_serial_number", .form = ITEM_NUMBER, .first = 109, .bits = 12, .low = 1, .high = 4095},
    {.name = "spare bits 121-137",
     .form = ITEM_FIXED,
     .first = 121,
     .bits = 17,
     .low = 0x1ffff,
     .has_none = true}};
static const struct item vessel_spare[] = {
    {.name = "vessel_id_raw", .form = ITEM_HEX, .first = 94, .bits = 44}};
/* Earlier issues had the two spare bits before the text. */
static const struct item early_call_sign[] = {{.name = "call_sign",
                                               .form = ITEM_BAUDOT_LEFT,
                                               .first = 96,
                                               .bits = 42,
                                               .has_none = true,
                                               .none = BLANK}};
static const struct item early_registration[] = {{.name = "aircraft_registration",
                                                  .form = ITEM_BAUDOT,
                                                  .first = 96,
                                                  .bits = 42,
                                                  .has_none = true,
                                                  .none = BLANK}};
const struct item_list sgb_vessel_early[2] = {ITEM_LIST(early_call_sign), ITEM_LIST(early_registration)};
const struct item_list sgb_vessel[8] = {ITEM_LIST(vessel_none),      ITEM_LIST(vessel_mmsi),
                                        ITEM_LIST(vessel_call_sign), ITEM_LIST(vessel_registration),
                                        ITEM_LIST(vessel_address),   ITEM_LIST(vessel_operator),
                                        ITEM_LIST(vessel_spare),     ITEM_LIST(vessel_spare)};

/* Table 3.3 */
static const char *const dop_words[16] = {
    "up to 1", "1 to 2",   "2 to 3",   "3 to 4",   "4 to 5",   "5 to 6",   "6 to 7",   "7 to 8",
    "8 to 10", "10 to 12", "12 to 15", "15 to 20", "20 to 30", "30 to 50", "above 50", NULL};
static const char *const activation_words[4] = {"manual", "automatic by the beacon",
                                                "automatic by external means", NULL};
static const char *const battery_words[8] = {"up to 5 %",  "5 to 10 %",   "10 to 25 %", "25 to 50 %",
                                             "50 to 75 %", "75 to 100 %", NULL,         NULL};
static const char *const fix_words[4] = {"none", "2D", "3D", NULL};
static const struct item general[] = {
    {.name = "hours_active", .form = ITEM_NUMBER, .first = 159, .bits = 6},
    {.name = "position_age_min",
     .form = ITEM_NUMBER,
     .first = 165,
     .bits = 11,
     .has_none = true,
     .none = 2047},
    {.name = "hdop",
     .form = ITEM_WORD,
     .first = 186,
     .bits = 4,
     .has_none = true,
     .none = 15,
     .words = dop_words},
    {.name = "vdop",
     .form = ITEM_WORD,
     .first = 190,
     .bits = 4,
     .has_none = true,
     .none = 15,
     .words = dop_words},
    {.name = "activation", .form = ITEM_WORD, .first = 194, .bits = 2, .words = activation_words},
    {.name = "battery",
     .form = ITEM_WORD,
     .first = 196,
     .bits = 3,
     .has_none = true,
     .none = 7,
     .words = battery_words},
    {.name = "gnss_fix", .form = ITEM_WORD, .first = 199, .bits = 2, .words = fix_words},
    {.name = "spare bits 201-202", .form = ITEM_FIXED, .first = 201, .bits = 2}};

/* Table 3.4 */
static const char *const trigger_words[16] = {
    [1] = "manual by the crew", [4] = "G-switch or deformation", [8] = "avionics or triggering system"};
static const char *const dt_battery_words[4] = {"up to 33 %", "33 to 66 %", "above 66 %", NULL};
static const struct item elt_dt[] = {
    {.name = "position_time_s",
     .form = ITEM_NUMBER,
     .first = 159,
     .bits = 17,
     .low = 0,
     .high = 86399,
     .has_none = true,
     .none = 131071},
    {.name = "trigger", .form = ITEM_WORD, .first = 186, .bits = 4, .words = trigger_words},
    {.name = "gnss_fix", .form = ITEM_WORD, .first = 190, .bits = 2, .words = fix_words},
    {.name = "battery",
     .form = ITEM_WORD,
     .first = 192,
     .bits = 2,
     .has_none = true,
     .none = 3,
     .words = dt_battery_words},
    {.name = "spare bits 194-202", .form = ITEM_FIXED, .first = 194, .bits = 9}};

/* Table 3.5 */
static const char *const provider_words[8] = {NULL, "Galileo", "GLONASS", "BDS"};
static const struct item rls[] = {
    {.name = "unassigned bits 159-160", .form = ITEM_FIXED, .first = 159, .bits = 2},
    {.name = "rls_accepts_automatic", .form = ITEM_FLAG, .first = 161, .bits = 1},
    {.name = "rls_accepts_manual", .form = ITEM_FLAG, .first = 162, .bits = 1},
    {.name = "reserved bits 163-166", .form = ITEM_FIXED, .first = 163, .bits = 4},
    {.name = "rls_provider", .form = ITEM_WORD, .first = 167, .bits = 3, .words = provider_words},
    {.name = "rls_received_automatic", .form = ITEM_FLAG, .first = 170, .bits = 1},
    {.name = "rls_received_manual", .form = ITEM_FLAG, .first = 171, .bits = 1},
    {.name = "return_link_message", .form = ITEM_HEX, .first = 172, .bits = 20, .if_bit = 170, .if_value = 1},
    {.name = "unassigned bits 192-202", .form = ITEM_FIXED, .first = 192, .bits = 11}};

/* Table 3.6 */
static const struct item national[] = {
    {.name = "national_use_159", .form = ITEM_HEX, .first = 159, .bits = 44}};

/* Table 3.7 */
#define SLOT(letter, FIRST)                                                                                  \
    {.name = "question_" letter, .form = ITEM_NUMBER, .first = FIRST, .bits = 7},                            \
    {                                                                                                        \
        .name = "answer_" letter, .form = ITEM_NUMBER, .first = FIRST + 7, .bits = 4                         \
    }
static const struct item two_way[] = {
    {.name = "rls_provider", .form = ITEM_WORD, .first = 159, .bits = 3, .words = provider_words},
    {.name = "database_version", .form = ITEM_NUMBER, .first = 162, .bits = 5},
    {.name = "two_way_acknowledged", .form = ITEM_FLAG, .first = 167, .bits = 1},
    {.name = "spare bits 168-169", .form = ITEM_FIXED, .first = 168, .bits = 2},
    SLOT("a", 170),
    SLOT("b", 181),
    SLOT("c", 192)};

/* Table 3.8 */
static const struct item spare[] = {
    {.name = "rotating_field_raw", .form = ITEM_HEX, .first = 159, .bits = 44}};

/* Table 3.9 */
static const char *const deactivation_words[4] = {NULL, "automatic by external means", "manual", NULL};
static const struct item cancel[] = {
    {.name = "fixed bits 159-179", .form = ITEM_FIXED, .first = 159, .bits = 21, .low = 0x1fffff},
    {.name = "fixed bits 180-200", .form = ITEM_FIXED, .first = 180, .bits = 21, .low = 0x1fffff},
    {.name = "deactivation", .form = ITEM_WORD, .first = 201, .bits = 2, .words = deactivation_words}};

const struct item_list sgb_rotating[16] = {
    ITEM_LIST(general), ITEM_LIST(elt_dt), ITEM_LIST(rls),   ITEM_LIST(national),
    ITEM_LIST(two_way), ITEM_LIST(spare),  ITEM_LIST(spare), ITEM_LIST(spare),
    ITEM_LIST(spare),   ITEM_LIST(spare),  ITEM_LIST(spare), ITEM_LIST(spare),
    ITEM_LIST(spare),   ITEM_LIST(spare),  ITEM_LIST(spare), ITEM_LIST(cancel)};
