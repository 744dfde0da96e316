/* SPDX-License-Identifier: Apache-2.0 */
/* A frame during which a fade turned the carrier over: from somewhere on every bit is inverted. UHF's
 * precoding lives with that, in VHF it costs the frame. Any thread. */
#ifndef ATALAYA_TETRAPOL_TURNED_H
#define ATALAYA_TETRAPOL_TURNED_H

#include "frame.h"

/* Reads the body [size: TETRAPOL_BODY_BITS] with its weakest moments taken for such turns, one at a time, and
 * either sense before. The likeliest reading is in frame when it returns true; else frame stays as it is. */
bool tetrapol_turned_read(const int8_t *body, const struct tetrapol_channel *channel,
                          struct tetrapol_frame *frame);

#endif
