/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of second generation messages as tables. */
#ifndef ATALAYA_COSPAS_SARSAT_SGB_TABLES_H
#define ATALAYA_COSPAS_SARSAT_SGB_TABLES_H

#include "layout.h"

enum {
    SGB_COUNTRY = 31,
    SGB_RLS = 42,
    SGB_TEST = 43, /* bits of T.018 Table 3.1 */
    SGB_VESSEL_TYPE = 91,
    SGB_BEACON_TYPE = 138,
    SGB_SPARE = 141,
    SGB_ROTATING = 155,
    SGB_ALTITUDE = 176,     /* Tables 3.3 and 3.4 */
    SGB_TAC_SYSTEM = 65521, /* from here on reserved for system beacons: Table 3.1 */
    SGB_TYPE_SYSTEM = 7,
    SGB_SPARE_ONES = 0x3fff,
    SGB_ALTITUDE_NONE = 1023,
    SGB_ALTITUDE_STEP_M = 16,
    SGB_ALTITUDE_LOW_M = -400
};

enum {
    SGB_ROTATING_GENERAL,
    SGB_ROTATING_ELT_DT,
    SGB_ROTATING_RLS,
    SGB_ROTATING_NATIONAL,
    SGB_ROTATING_TWO_WAY,
    SGB_ROTATING_CANCEL = 15
};

extern const struct item_list sgb_identity;  /* the same in every message of a beacon, vessel left out */
extern const struct item_list sgb_state;     /* the rest of the main field */
extern const struct item_list sgb_vessel[8]; /* by the type in bits 91-93 */
extern const struct item_list sgb_vessel_early[2]; /* types 2 and 3 as earlier issues had them */
extern const struct item_list sgb_rotating[16];    /* by the identifier in bits 155-158 */

#endif
