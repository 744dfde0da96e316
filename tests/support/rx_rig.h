/* SPDX-License-Identifier: Apache-2.0 */
/* A recording through the whole receive path. */
#ifndef RX_RIG_H
#define RX_RIG_H

#include "atalaya/gateway/receiver.h"

enum { RX_PREAMBLE_BITS = 80, RX_BITS_MAX = 16000, RX_HEARD_MAX = 64 };

struct rx_rig {
    struct config *config;
    struct reception heard[RX_HEARD_MAX]; /* by the last run */
    unsigned heard_count;
};
extern struct rx_rig rx;

/* Set-up and tear-down of a test: an empty configuration. */
int rx_set_up(void **state);
int rx_tear_down(void **state);
/* A channel of AX.25, for more to be said about it. */
struct config_channel *rx_add_channel(const char *name);
/* Line bits of a frame given as text; their number. */
size_t rx_line_bits(const char *protocol, const char *text, uint8_t *bits, size_t max);
/* All of a file that lasts so long. */
void rx_run(struct config_source settings, const char *path, double seconds);

#endif
