/* SPDX-License-Identifier: Apache-2.0 */
/* A trunked system's controller says the same things nine times a second for ever: which channel it is, who
 * may call. Of what names no radio and has no further meaning, a centre is told each thing once a minute, and
 * at most so many different ones; the rest is only counted. Main thread. */
#ifndef ATALAYA_REPEATS_H
#define ATALAYA_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

enum { REPEATS_REMEMBERED = 32, REPEATS_INTERVAL_S = 60 };

struct repeats {
    struct repeats_told {
        uint64_t dedupe;
        int64_t mono_ns;
        bool used;
    } told[REPEATS_REMEMBERED]; /* all zero is the beginning */
};

/* Is what has this dedupe hash, heard at mono_ns, to be held back? */
bool repeats_hold(struct repeats *repeats, uint64_t dedupe, int64_t mono_ns);

#endif
