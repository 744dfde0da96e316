/* SPDX-License-Identifier: Apache-2.0 */
/* What reading and writing first generation messages share. */
#ifndef ATALAYA_COSPAS_SARSAT_FGB_PARTS_H
#define ATALAYA_COSPAS_SARSAT_FGB_PARTS_H

#include "fgb.h"
#include "layout.h"

enum { HEX_ID_DIGITS = 15 };

/* Bits 26-85, the position of location protocols at its default (T.001 A3.2). */
uint64_t fgb_id(const struct bit_frame *frame, const struct layout *layout);
/* Bits 26-85 in hexadecimal digits, as fgb_id; NUL. */
void fgb_hex_id(const struct bit_frame *frame, const struct layout *layout,
                char id[static HEX_ID_DIGITS + 1]);

/* T.001 A3.3.8.5: is bits 67-85 (and, when `whole`, bits 107-132) the cancellation's? */
bool fgb_is_cancellation(const struct bit_frame *frame, bool whole);
void fgb_write_cancellation(struct bit_frame *frame);
/* Check bits for what stands before them. */
void fgb_encode(struct bit_frame *frame);

#endif
