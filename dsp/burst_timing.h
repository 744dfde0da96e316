/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bits of a burst lie, once they are known: finer than the branch that read them needed it. */
#ifndef ATALAYA_DSP_BURST_TIMING_H
#define ATALAYA_DSP_BURST_TIMING_H

#include "burst_meter.h"

/* Corrects span->start and, in bursts long enough to tell, span->length. */
void burst_timing_refine(const struct burst_meter *meter, struct burst_span *span);

#endif
