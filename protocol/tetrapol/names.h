/* SPDX-License-Identifier: Apache-2.0 */
/* Words for the numbers of layer 2 and 3 (PAS 0001-3-2 and 0001-3-3). NULL: not known publicly. */
#ifndef ATALAYA_TETRAPOL_NAMES_H
#define ATALAYA_TETRAPOL_NAMES_H

#include <stdint.h>

struct tetrapol_name {
    uint8_t number, mask; /* fits when (value & mask) == number */
    const char *name, *event;
};

const struct tetrapol_name *tetrapol_command_find(uint8_t command);
const struct tetrapol_name *tetrapol_voice_find(uint8_t codop);  /* UI_VCH */
const struct tetrapol_name *tetrapol_caller_find(uint8_t codop); /* UI_CD */
const struct tetrapol_name *tetrapol_tsdu_find(uint8_t codop);

#endif
