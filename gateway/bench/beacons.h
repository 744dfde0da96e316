/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_BENCH_BEACONS_H
#define ATALAYA_BENCH_BEACONS_H

#include "decode.h"

/* Bursts of second generation beacons in noise: how many are read at each level, beside what detection that
 * knows carrier, phase and clock leaves to the same code, and how fast. from_db and to_db of options, or 2 to
 * 5 dB. Returns the exit status. */
int bench_beacons(const struct bench_options *options);

#endif
