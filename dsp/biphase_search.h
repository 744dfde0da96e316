/* SPDX-License-Identifier: Apache-2.0 */
/* Beacons in complex baseband: carriers that stand still for 80 ms, and known bits behind them. */
#ifndef ATALAYA_DSP_BIPHASE_SEARCH_H
#define ATALAYA_DSP_BIPHASE_SEARCH_H

#include "atalaya/result.h"
#include "biphase.h"

enum { BIPHASE_FINDS_MAX = 8 };
#define BIPHASE_SEARCH_HOP_S   0.040
#define BIPHASE_SEARCH_AHEAD_S 0.118 /* of samples needed after the instant that is searched */

struct biphase_search;

enum atalaya_result biphase_search_create(struct biphase_search **search, double rate_hz);
void biphase_search_destroy(struct biphase_search *search); /* NULL is allowed */
/* Bursts whose first bit begins within a hop after sample `at`, a little more on either side; `at` must lie
 * in the window with 80 ms before it and BIPHASE_SEARCH_AHEAD_S after. Returns their number. */
unsigned biphase_search_execute(struct biphase_search *search, const struct biphase_window *window,
                                uint64_t at, struct biphase_find finds[static BIPHASE_FINDS_MAX]);

#endif
