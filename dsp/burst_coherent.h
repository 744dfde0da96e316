/* SPDX-License-Identifier: Apache-2.0 */
/* Signal and noise of a weak burst whose decisions are known, from every bit of it. */
#ifndef ATALAYA_DSP_BURST_COHERENT_H
#define ATALAYA_DSP_BURST_COHERENT_H

#include <stdbool.h>

#include "burst_meter.h"

/* *signal: power of the correlation that the tones make; *seen: all of it. `turn`: how far the carrier turns
 * in a bit, in radians, beyond what the bits make it. false: too few bits. */
bool burst_coherent_measure(const struct burst_meter *meter, const struct burst_span *span, double turn,
                            double *signal, double *seen);

#endif
