/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that a TNC has demodulated already, turned into receptions. */
#ifndef ATALAYA_FRAME_RECEPTION_H
#define ATALAYA_FRAME_RECEPTION_H

#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/reception.h"
#include "atalaya/result.h"

struct frame_arrival {
    unsigned source; /* index in the configuration */
    unsigned port;   /* the TNC's radio port: the channel whose lane it is */
    const uint8_t *frame;
    size_t length;
    int64_t mono_ns;
};

/* Anything but ATALAYA_OK: no protocol of the port's channel takes such a frame; what the last of them said.
 */
enum atalaya_result frame_reception(const struct config *config, const struct frame_arrival *arrival,
                                    struct reception *reception);

#endif
