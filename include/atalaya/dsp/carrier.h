/* SPDX-License-Identifier: Apache-2.0 */
/* Is somebody on the channel? Two measures of receiver audio in windows of 10 ms: how loud it is (behind a
 * squelch, silence means nobody), and how much it hisses above 4 kHz (without one, a carrier quiets the noise
 * of the discriminator). One thread. */
#ifndef ATALAYA_DSP_CARRIER_H
#define ATALAYA_DSP_CARRIER_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/result.h"

enum carrier_measure { CARRIER_LOUDNESS, CARRIER_HISS };

struct carrier;

/* ATALAYA_E_ARGUMENT: hiss needs 16,000 samples/s, loudness 1,000. */
enum atalaya_result carrier_create(double rate_hz, enum carrier_measure measure, struct carrier **carrier);
/* audio [size: count]. *loudest and *quietest of the windows that ended in it, dBFS (0 = a sine of full
 * scale); false: none did. */
bool carrier_execute(struct carrier *carrier, const float *audio, size_t count, double *loudest_dbfs,
                     double *quietest_dbfs);
void carrier_reset(struct carrier *carrier);
void carrier_destroy(struct carrier *carrier); /* NULL is allowed */

#endif
