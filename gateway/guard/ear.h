/* SPDX-License-Identifier: Apache-2.0 */
/* Between a receiver and the watch over one of its channels: fifty times a second a look at the samples as
 * they come from the source, and at the channel's level. Receive thread. */
#ifndef ATALAYA_GUARD_EAR_H
#define ATALAYA_GUARD_EAR_H

#include "atalaya/dsp/squelch.h"
#include "atalaya/gateway/source.h"
#include "noise_watch.h"
#include "signal_look.h"

struct guard_ear {
    struct noise_watch *watch; /* the channel's; NULL: none */
    struct signal_look look;
    uint64_t told_frame;
    unsigned channel; /* in the configuration */
    bool hides;       /* a transmission that is the site's own test */
};

/* squelch: of the channel. lane: of audio. */
void guard_ear_execute(struct guard_ear *ear, const struct source_block *block,
                       const struct source_format *format, unsigned lane, const struct squelch *squelch);

#endif
