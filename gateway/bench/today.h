/* SPDX-License-Identifier: Apache-2.0 */
/* What a channel of a band costs with the tools of today: for each one a down-converter as rtl_fm has it, an
 * FM receiver, and Dire Wolf's atest behind. */
#ifndef ATALAYA_BENCH_TODAY_H
#define ATALAYA_BENCH_TODAY_H

#include "band.h"

/* Measures one channel (all are alike) and prints what `channels` of them would take. */
void today_print(const struct bench_band *band, unsigned channels);

#endif
