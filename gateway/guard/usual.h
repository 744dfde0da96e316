/* SPDX-License-Identifier: Apache-2.0 */
/* How loud the noise of each channel usually is, kept in the spool: a tower that starts again with its
 * antenna off must not take that for usual. Main thread. */
#ifndef ATALAYA_GUARD_USUAL_H
#define ATALAYA_GUARD_USUAL_H

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/spool.h"
#include "noise_watch.h"

/* Reads what is known of the channels of config [size: its channels]; NaN where nothing is, or where source
 * or channel were set differently. */
void usual_read(const struct config *config, struct spool *spool, struct noise_usual *usual);
/* The spool reports its own failures. */
void usual_write(const struct config *config, struct spool *spool, unsigned channel,
                 const struct noise_usual *usual);

#endif
