/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_BENCH_SPEED_H
#define ATALAYA_BENCH_SPEED_H

#include "decode.h"

/* Times real time, processor time alone, of every decoder on a channel that is empty, near the limit, or
 * busy. A row a decoder. Returns the exit status. */
int bench_speed(const struct bench_options *options);

#endif
