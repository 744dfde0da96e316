/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_BENCH_WIDEBAND_H
#define ATALAYA_BENCH_WIDEBAND_H

#include "decode.h"

/* A band of 2.4 MHz: times real time, cost of a channel and memory at several numbers of channels, beside
 * what a channel costs in tools of today; then the level at which half of the frames are lost, beside the
 * same modem on one channel without a band around it. Returns the exit status. */
int bench_wideband(const struct bench_options *options);

#endif
