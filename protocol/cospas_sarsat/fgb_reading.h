/* SPDX-License-Identifier: Apache-2.0 */
/* A first generation message while it is read. */
#ifndef ATALAYA_COSPAS_SARSAT_FGB_READING_H
#define ATALAYA_COSPAS_SARSAT_FGB_READING_H

#include "fgb_parts.h"

struct fgb_reading {
    struct bit_frame frame;
    const struct layout *layout;
    int sync;
    const int8_t *soft;     /* about bits 25 on, or NULL: the frame holds decisions */
    bool is_identity;       /* bits 26-85 and nothing else */
    bool is_long, has_rest; /* bits 107 on are there and can be believed */
    unsigned corrected;
};

/* Both checks: corrects the frame, notes in message what was wrong. Results as fgb_parse. */
enum atalaya_result fgb_correct(struct fgb_reading *reading, struct message *message);

#endif
