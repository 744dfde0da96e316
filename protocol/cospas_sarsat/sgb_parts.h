/* SPDX-License-Identifier: Apache-2.0 */
/* What reading and writing second generation messages share. */
#ifndef ATALAYA_COSPAS_SARSAT_SGB_PARTS_H
#define ATALAYA_COSPAS_SARSAT_SGB_PARTS_H

#include <stdbool.h>

#include "bit_frame.h"

enum { SGB_ID_DIGITS = 23 };

/* The 92 bits of the identity (T.018 Table 3.11) out of a message and into one. */
void sgb_identity_of(const struct bit_frame *frame, struct bit_frame *id);
void sgb_identity_put(const struct bit_frame *id, struct bit_frame *frame);
/* Does it begin as only identities of second generation beacons do (3.6 note 1)? */
bool sgb_is_identity(const struct bit_frame *id);
/* Is the message a system beacon's: reference, calibration, simulator (Table 3.1)? */
bool sgb_is_system(const struct bit_frame *frame);
/* In hexadecimal digits, NUL-terminated. */
void sgb_hex_id(const struct bit_frame *frame, char text[static SGB_ID_DIGITS + 1]);

/* A coordinate: flag, degrees, 15 bits of fraction (T.018 Appendix C). False: a default value or out of
 * range; *faulty tells which, *incapable that the beacon never has one. */
struct sgb_axis {
    uint8_t first, degree_bits, limit_deg;
    uint16_t fraction_default;
};
extern const struct sgb_axis sgb_lat, sgb_lon;
bool sgb_axis_read(const struct bit_frame *frame, const struct sgb_axis *axis, double *deg, bool *faulty,
                   bool *incapable);
/* NaN: the default value. */
void sgb_axis_write(struct bit_frame *frame, const struct sgb_axis *axis, double deg, bool incapable);

#endif
