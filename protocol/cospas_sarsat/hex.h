/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_COSPAS_SARSAT_HEX_H
#define ATALAYA_COSPAS_SARSAT_HEX_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/protocol/hex_text.h"
#include "bit_frame.h"

/* Four bits a digit to bits `first` on. False: not `count` hexadecimal digits; some bits may be written. */
bool hex_load(struct bit_frame *frame, unsigned first, const char *text, size_t count);

#endif
