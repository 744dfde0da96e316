/* SPDX-License-Identifier: Apache-2.0 */
/* What raw samples look like to somebody who only asks whether there are any. Receive thread. */
#ifndef ATALAYA_SIGNAL_LOOK_H
#define ATALAYA_SIGNAL_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#define SIGNAL_LIMIT 0.99F /* of full scale: signed 8-bit samples end at 127/128 */

struct signal_look {
    float last;
    bool known; /* last is one */
    bool alive; /* some sample differed from the one before; cleared by who reads it, like the counts */
    double clipped, samples;
};

/* samples [size: count * stride]: every stride-th. Hostile values are samples like any other. */
void signal_look_execute(struct signal_look *look, const float *samples, size_t count, size_t stride);

#endif
